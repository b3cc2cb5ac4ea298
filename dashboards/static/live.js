// Keeps the living part of a page fresh. Without this script every page still works by reloading.
(() => {
  "use strict";
  // A link into something folded opens it; without this script it leads to its heading.
  const unfold = () => {
    const fold = document.getElementById(location.hash.slice(1))?.closest("details");
    if (fold) fold.open = true;
  };
  window.addEventListener("hashchange", unfold);
  unfold();
  const living = document.getElementById("living");
  const announce = document.getElementById("announce");
  if (!living || !window.EventSource) return;
  let timer = 0;
  let last = Date.now();

  const busy = () => {
    const at = document.activeElement;
    return at && living.contains(at) && at.matches("input, textarea, select");
  };

  async function refresh() {
    timer = 0;
    if (busy()) return later(5000);
    try {
      const answer = await fetch(living.dataset.part, { credentials: "same-origin" });
      if (answer.redirected || !answer.ok) return void (answer.redirected && location.reload());
      const html = await answer.text();
      const focused = living.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      const open = [...living.querySelectorAll("details[open][id]")].map((d) => d.id);
      living.innerHTML = html;
      open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
      if (focused) living.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
      last = Date.now();
      const waiting = living.querySelector("[data-waiting]")?.dataset.waiting;
      if (waiting !== undefined) {
        const plain = document.title.replace(/^\(\d+\) /, "");
        document.title = waiting === "0" ? plain : `(${waiting}) ${plain}`;
      }
    } catch {
      later(5000);
    }
  }

  function later(ms) {
    if (!timer) timer = setTimeout(refresh, ms);
  }

  const stream = new EventSource(living.dataset.stream);
  stream.addEventListener("incident", (event) => {
    const news = JSON.parse(event.data);
    if (living.dataset.only && Number(living.dataset.only) !== news.incident) return;
    announce.textContent = `${news.level}: ${news.title}. ${news.text}`;
    clearTimeout(timer);
    timer = 0;
    later(300);
  });
  stream.addEventListener("heartbeat", () => later(300));
  stream.addEventListener("mention", () => {
    if (!living.dataset.only) later(Math.max(300, 4000 - (Date.now() - last)));
  });
  stream.addEventListener("error", () => {
    announce.textContent = living.dataset.lost;
  });
  stream.addEventListener("open", () => {
    if (announce.textContent === living.dataset.lost) {
      announce.textContent = "";
      later(300);
    }
  });
  // "Time left" goes stale by itself.
  setInterval(() => document.hidden || later(300), 60000);
})();
