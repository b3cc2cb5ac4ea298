// Shows a pushed notice and opens its page. It keeps nothing and answers no request of a page.
"use strict";

const told = (event) => {
  try {
    return event.data.json();
  } catch {
    return {};
  }
};
// Only a path of ours is ever opened, whatever came in.
const path = (link) => (typeof link === "string" && /^\/(?![/\\])/.test(link) ? link : "/");
const text = (value) => (typeof value === "string" ? value : "");

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  const { level, unit, link } = told(event);
  const title = text(level) ? `Lắng Nghe: ${text(level)}` : "Lắng Nghe";
  event.waitUntil(
    self.registration.showNotification(title, {
      body: text(unit) || "Có thông báo mới cần xem.",
      tag: path(link),
      renotify: true,
      lang: "vi",
      icon: "/static/mark.svg",
      data: { link: path(link) },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const link = path(event.notification.data && event.notification.data.link);
  event.waitUntil(
    self.clients.matchAll({ type: "window" }).then((windows) => {
      const open = windows.find((w) => new URL(w.url).pathname === link);
      return open ? open.focus() : self.clients.openWindow(link);
    }),
  );
});
