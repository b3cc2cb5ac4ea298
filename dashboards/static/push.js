// Turns web push on for this browser: asks, subscribes, and hands the subscription to the form.
(() => {
  "use strict";
  const form = document.getElementById("push-form");
  const button = document.getElementById("push-on");
  const said = document.getElementById("push-said");
  if (!form || !button) return;
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) {
    button.disabled = true;
    said.textContent = form.dataset.no;
    return;
  }

  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (c) => c.charCodeAt(0));
  };
  const same = (a, b) => a && a.byteLength === b.length && new Uint8Array(a).every((n, i) => n === b[i]);

  button.addEventListener("click", async () => {
    button.disabled = true;
    said.textContent = "";
    try {
      if ((await Notification.requestPermission()) !== "granted") {
        said.textContent = form.dataset.denied;
        return;
      }
      await navigator.serviceWorker.register("/sw.js");
      const worker = await navigator.serviceWorker.ready;
      const key = bytes(form.dataset.key);
      let own = await worker.pushManager.getSubscription();
      // One made for another key of ours would never be served again.
      if (own && !same(own.options.applicationServerKey, key)) {
        await own.unsubscribe();
        own = null;
      }
      own ??= await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
      const { endpoint, keys } = own.toJSON();
      form.endpoint.value = endpoint;
      form.p256dh.value = keys.p256dh;
      form.auth.value = keys.auth;
      form.submit();
    } catch {
      said.textContent = form.dataset.failed;
    } finally {
      button.disabled = false;
    }
  });
})();
