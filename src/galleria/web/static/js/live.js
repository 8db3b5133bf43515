// The page of a run that is not over: the server tells when there is news, and the part of the page that changes is fetched again.
// Where no events come through, htmx asks for that part every few seconds.
"use strict";

{
  const BETWEEN_MS = 400;
  const WITHOUT_EVENTS_MS = 2000;
  const place = () => document.querySelector("#live[data-events]");
  let fetchedAt = 0;
  let isDue = false;

  const fetchAgain = () => {
    isDue = false;
    fetchedAt = Date.now();
    place()?.dispatchEvent(new CustomEvent("news"));
  };

  const onNews = () => {
    if (!isDue) {
      isDue = true;
      setTimeout(fetchAgain, Math.max(0, fetchedAt + BETWEEN_MS - Date.now()));
    }
  };

  const follow = () => {
    const source = new EventSource(place().dataset.events);
    for (const kind of ["message", "output", "restart", "end"]) {
      source.addEventListener(kind, onNews);
    }
    source.addEventListener("state", (event) => {
      // For whoever draws how far the tools are.
      document.dispatchEvent(new CustomEvent("run-state", { detail: JSON.parse(event.data) }));
      onNews();
    });
    source.addEventListener("end", () => {
      source.close();
      document.dispatchEvent(new CustomEvent("run-end"));
    });
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) {
        const timer = setInterval(() => (place() ? onNews() : clearInterval(timer)), WITHOUT_EVENTS_MS);
      }
    });
    addEventListener("pagehide", () => source.close());
  };

  if (place()) {
    follow();
  }
}
