// Single keys for working off the stream. Every key does what a button of the page does as well.
(() => {
  "use strict";
  const form = document.getElementById("xu-ly");
  const help = document.getElementById("phim");
  const said = document.getElementById("noi");
  const cards = () => [...document.querySelectorAll("article[data-tin]")];
  const counted = form?.querySelector(".ticked");
  let undo = document.querySelector("[data-undo]")?.form.action || "";

  const tell = (text, failed) => {
    if (!said) return;
    said.className = failed ? "note bad toast" : "note good toast";
    said.textContent = text;
  };

  const count = () => {
    if (!counted) return;
    const n = document.querySelectorAll('input[name="tin"]:checked').length;
    counted.textContent = n ? counted.dataset.some.replace("{n}", n) : counted.dataset.none;
    form.classList.toggle("some", n > 0);
  };

  async function send(address, fields) {
    const body = new FormData(form);
    body.delete("tin");
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    try {
      const answer = await fetch(address, {
        method: "POST", body, credentials: "same-origin", headers: { Accept: "application/json" },
      });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      return await answer.json();
    } catch {
      tell(help.dataset.lost, true);
      return null;
    }
  }

  async function act(card, name) {
    const done = await send(form.action, { mot: `${name}:${card.dataset.tin}` });
    if (!done) return;
    undo = done.undo;
    tell([done.text, ...done.failed].join(" "), done.failed.length > 0);
    if (done.failed.length) return;
    if (name === "xem") card.classList.add("looked");
    if (name === "khong-ta") card.classList.add("off");
    if (name === "sao" || name === "bo-sao") {
      const on = name === "sao";
      card.classList.toggle("starred", on);
      const star = card.querySelector(".star");
      star.value = `${on ? "bo-sao" : "sao"}:${card.dataset.tin}`;
      star.firstElementChild.textContent = on ? "★" : "☆";
      star.setAttribute("aria-label", on ? help.dataset.unstar : help.dataset.star);
    }
    if (name !== "sao" && name !== "bo-sao") step(1);
  }

  async function takeBack() {
    if (!undo) return tell(help.dataset.empty, true);
    const done = await send(undo, {});
    if (done) location.reload();
  }

  const here = () => document.activeElement?.closest?.("article[data-tin]");

  function step(by) {
    const all = cards();
    if (!all.length) return;
    const at = all.indexOf(here());
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  const typing = (at) =>
    at.isContentEditable || at.matches("textarea, select, input:not([type=checkbox]):not([type=radio])");

  document.addEventListener("change", count);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    const card = here();
    const key = event.key;
    if (key === "?") {
      help.open = !help.open;
      if (help.open) {
        help.scrollIntoView({ block: "nearest" });
        help.querySelector("summary").focus();
      }
    } else if (key === "Escape" && help.open) help.open = false;
    else if (key === "j") step(1);
    else if (key === "k") step(-1);
    else if (key === "u" && form) takeBack();
    else if (!card) return;
    else if (key === "o" || (key === "Enter" && event.target === card)) {
      location.href = card.querySelector("a[href^='/tin/']")?.href || location.href;
    } else if (key === "x") {
      const box = card.querySelector('input[name="tin"]');
      box.checked = !box.checked;
      count();
    } else if (key === "s" && form) act(card, card.classList.contains("starred") ? "bo-sao" : "sao");
    else if (key === "e" && form) act(card, "xem");
    else if (key === "n" && form?.querySelector('[name="nhanh"]')) act(card, "khong-ta");
    else return;
    event.preventDefault();
  });
  count();
})();
