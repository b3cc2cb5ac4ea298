// Keeps the living parts of a page fresh, and menus handy. Without this script every page still
// works: by reloading, and by menus that open with a click.
(() => {
  "use strict";
  // A link into something folded opens it; without this script it leads to its heading.
  const unfold = () => {
    const fold = document.getElementById(location.hash.slice(1))?.closest("details");
    if (fold) fold.open = true;
  };
  window.addEventListener("hashchange", unfold);
  unfold();

  const menus = () => [...document.querySelectorAll("details.menu[open]")];
  document.addEventListener("click", (event) => {
    for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("main details:not([open])")];
    for (const fold of folded) fold.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const fold of folded) fold.open = false;
    folded = [];
  });

  const living = document.getElementById("living");
  const announce = document.getElementById("announce");
  if (!living || !announce || !window.EventSource) return;
  const say = (text) => (announce.textContent = text);
  const some = (ms) => Math.random() * ms; // many browsers hear the same news in one instant
  const asked = "[data-part]";
  const parts = [living, ...living.querySelectorAll(asked)].filter((at) => at.matches(asked)).map((at) => at.dataset.part);
  const at = (part) => (living.dataset.part === part ? living : living.querySelector(`[data-part="${CSS.escape(part)}"]`));
  const state = new Map(parts.map((part) => [part, { timer: 0, due: 0, tag: "", last: Date.now() }]));

  const busy = (box) => {
    const on = document.activeElement;
    return on && box.contains(on) && on.matches("input, textarea, select");
  };

  async function refresh(part) {
    const now = state.get(part);
    now.timer = 0;
    if (!at(part)) return;
    if (busy(at(part))) return later(part, 5000);
    try {
      const answer = await fetch(part, { headers: now.tag ? { "If-None-Match": now.tag } : {} });
      now.last = Date.now();
      if (answer.status === 304) return;
      if (answer.redirected) return ended();
      if (!answer.ok) return later(part, 5000 + some(5000));
      const html = await answer.text();
      const box = at(part);
      if (busy(box)) return later(part, 5000);
      now.tag = answer.headers.get("ETag") || "";
      const focused = box.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      const open = [...box.querySelectorAll("details[open][id]")].map((fold) => fold.id);
      box.innerHTML = html;
      open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
      if (focused) box.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
      const waiting = box.querySelector("[data-waiting]")?.dataset.waiting;
      if (waiting !== undefined) {
        const plain = document.title.replace(/^\(\d+\) /, "");
        document.title = waiting === "0" ? plain : `(${waiting}) ${plain}`;
      }
    } catch {
      later(part, 5000 + some(5000));
    }
  }

  // The sign-in is over. What somebody has typed is worth more than a fresh page.
  function ended() {
    const typed = [...document.querySelectorAll("main textarea, main input")].some((field) => field.value !== field.defaultValue);
    if (!typed) return location.reload();
    stream?.close();
    say(living.dataset.lost);
  }

  function later(part, ms) {
    const now = state.get(part);
    const due = Date.now() + ms;
    if (now.timer && now.due <= due) return;
    clearTimeout(now.timer);
    now.due = due;
    now.timer = setTimeout(refresh, ms, part);
  }

  function news(kind, ms) {
    for (const part of state.keys()) {
      const wanted = at(part)?.dataset.on;
      if (!wanted || wanted.split(" ").includes(kind)) later(part, ms(state.get(part)));
    }
  }

  let stream;
  let known = "";
  let tries = 0;
  function listen() {
    const [path, query] = living.dataset.stream.split("?");
    stream = new EventSource(known ? `${path}?sau=${encodeURIComponent(known)}` : `${path}?${query || ""}`);
    const on = (kind, act) =>
      stream.addEventListener(kind, (event) => {
        known = event.lastEventId || known;
        act(event);
      });
    on("incident", (event) => {
      const data = JSON.parse(event.data);
      if (living.dataset.only && Number(living.dataset.only) !== data.incident) return;
      say(`${data.level}: ${data.title}. ${data.text}`);
      news("incident", () => 50 + some(250));
    });
    on("heartbeat", () => news("heartbeat", () => some(1000)));
    on("mention", () => {
      if (!living.dataset.only) news("mention", (now) => Math.max(100, 4000 - (Date.now() - now.last)) + some(1500));
    });
    stream.addEventListener("open", () => {
      if (tries && announce.textContent === living.dataset.lost) {
        say("");
        news("incident", () => some(1000));
      }
      tries = 0;
    });
    stream.addEventListener("error", () => {
      say(living.dataset.lost);
      tries += 1;
      // A browser comes back by itself from a line that broke, not from an answer it did not want.
      if (stream.readyState === EventSource.CLOSED) setTimeout(listen, Math.min(30000, 1000 * 2 ** tries) + some(2000));
    });
  }
  listen();
  // "Time left" goes stale by itself.
  setInterval(() => document.hidden || news("incident", () => some(5000)), 60000);
})();
