// Helps whoever writes: keeps what is typed in this tab, checks a statement while it is written,
// says at once that a file is too large. Without it every form works the same, a press later.
(() => {
  "use strict";
  const store = (act) => {
    try {
      return act(window.sessionStorage);
    } catch {
      return null; // storage is shut off: nothing is kept, nothing breaks
    }
  };
  const done = new URLSearchParams(location.search).has("xong");
  const typed = (form) => [...form.elements].filter((at) => at.name && at.matches("textarea, input:not([type]), input[type=text], input[type=tel], input[type=url]"));
  const numbers = (form) => [...form.elements].filter((at) => at.name === "ban" || at.name === "version");

  for (const form of document.querySelectorAll("form[data-draft]")) {
    const key = `nhap:${form.dataset.draft}`;
    const note = form.querySelector("[data-draft-note]");
    const read = () => JSON.parse(store((s) => s.getItem(key)) || "null");
    const drop = () => store((s) => s.removeItem(key));
    let kept = read();
    if (kept && kept.sent && done) {
      drop();
      kept = null;
    }
    if (kept && typed(form).some((at) => at.name in kept.words && kept.words[at.name] !== at.value)) {
      for (const at of typed(form)) if (at.name in kept.words) at.value = kept.words[at.name];
      // The words were written over an older page: the server must hear which, and will say so.
      for (const at of numbers(form)) if (at.name in kept.numbers) at.value = kept.numbers[at.name];
      if (note) note.hidden = false;
      const fold = form.closest("details");
      if (fold) fold.open = true;
    }
    const pick = (fields) => Object.fromEntries(fields.map((at) => [at.name, at.value]));
    const save = (sent) => store((s) => s.setItem(key, JSON.stringify({ words: pick(typed(form)), numbers: pick(numbers(form)), sent })));
    form.addEventListener("input", () => save(false));
    form.addEventListener("submit", () => save(true));
    form.querySelector("[data-draft-drop]")?.addEventListener("click", () => {
      drop();
      location.reload();
    });
  }

  for (const form of document.querySelectorAll("form[data-check]")) {
    let timer = 0;
    let turn = 0;
    const check = async () => {
      const mine = ++turn;
      const said = new URLSearchParams(new FormData(form));
      said.set("phan", "1");
      try {
        const answer = await fetch(form.dataset.check, { method: "POST", body: said });
        if (!answer.ok || mine !== turn) return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const part of page.querySelectorAll("[data-checked]")) {
          document.getElementById(part.id)?.replaceWith(part);
        }
      } catch {
        // no line: the check comes with the next pause, or with the button
      }
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(check, 900);
    });
  }

  for (const file of document.querySelectorAll("input[type=file][data-most]")) {
    file.addEventListener("change", () => {
      const large = [...file.files].some((one) => one.size > Number(file.dataset.most));
      file.setCustomValidity(large ? file.dataset.large : "");
      if (large) file.reportValidity();
    });
  }
})();
