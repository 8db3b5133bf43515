// What pages do beyond forms and links. Every page works without this file.
"use strict";

document.addEventListener("alpine:init", () => {
  Alpine.data("menu", () => ({
    close() {
      this.$root.removeAttribute("open");
    },
  }));

  // Suggestions below the search box: arrow keys walk through them, Escape puts them away.
  Alpine.data("finder", () => ({
    close() {
      this.$root.querySelector(".suggestions").replaceChildren();
    },
    press(event) {
      const stops = [this.$root.querySelector("input"), ...this.$root.querySelectorAll(".suggestions a")];
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") {
        stops[0].focus();
        this.close();
      } else if (step && stops.length > 1) {
        event.preventDefault();
        stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
      }
    },
  }));

  Alpine.data("copy", () => ({
    said: "",
    async copy() {
      const text = this.$root.dataset.text;
      try {
        await navigator.clipboard.writeText(text);
        this.said = "Copied";
      } catch {
        // Without https a browser gives no clipboard to pages.
        this.said = copyBySelection(text) ? "Copied" : "Press Ctrl+C";
      }
      setTimeout(() => { this.said = ""; }, 1500);
    },
  }));

  // A form with files: sent by script, so that its progress can be shown. Files can be dropped on it.
  Alpine.data("upload", () => ({
    over: "",
    said: "",
    enter() { this.over = "over"; },
    leave() { this.over = ""; },
    drop(event) {
      this.over = "";
      this.$refs.files.files = event.dataTransfer.files;
      this.chosen();
    },
    chosen() {
      if (this.$refs.files.files.length > 0) {
        this.$root.requestSubmit();
      }
    },
    send(event) {
      const form = this.$root;
      const hasFiles = [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length > 0);
      if (!hasFiles) {
        return;
      }
      event.preventDefault();
      const progress = this.$refs.progress;
      const request = new XMLHttpRequest();
      request.open("POST", form.action);
      request.upload.addEventListener("progress", (sent) => {
        progress.hidden = false;
        if (sent.lengthComputable) {
          progress.value = (100 * sent.loaded) / sent.total;
        }
      });
      request.upload.addEventListener("load", () => { this.said = "Reading it ..."; });
      request.addEventListener("load", () => showAnswer(request, form.action));
      request.addEventListener("error", () => { this.said = "The connection was lost. Try again."; });
      request.send(new FormData(form, event.submitter));
    },
  }));
});

function copyBySelection(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

// The browser followed the redirect already: go there, or show the form again with what was wrong.
function showAnswer(request, action) {
  if (request.responseURL && new URL(request.responseURL).pathname !== new URL(action).pathname) {
    location.assign(request.responseURL);
    return;
  }
  const answer = new DOMParser().parseFromString(request.responseText, "text/html");
  const main = document.adoptNode(answer.querySelector("main"));
  document.querySelector("main").replaceWith(main);
  document.title = answer.title;
  htmx.process(main);
  main.focus();
  scrollTo(0, 0);
}

document.addEventListener("keydown", (event) => {
  const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable;
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const box = document.querySelector(".finder-words") || document.querySelector("[data-shortcut='/']");
    if (box) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  }
});

// Whoever typed before htmx listened gets his answers, too.
document.addEventListener("htmx:after:init", ({ target }) => {
  if (target.matches("input[type=search]") && target.value !== target.defaultValue) {
    target.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

// On a phone each row of a table becomes a card, whose cells say what they are.
function label(table) {
  const words = [...table.querySelectorAll("thead th")].map((head) => (head.querySelector(".visually-hidden") ? "" : head.textContent.trim()));
  table.setAttribute("role", "table");
  for (const row of table.querySelectorAll("tr")) {
    row.setAttribute("role", "row");
    [...row.cells].forEach((cell, at) => {
      cell.setAttribute("role", cell.tagName === "TH" ? "columnheader" : "cell");
      if (cell.tagName === "TD" && words[at]) {
        cell.dataset.label = words[at];
      }
    });
  }
  table.classList.add("labelled");
}
const labelAll = () => document.querySelectorAll("table.rows:has(> thead):not(.labelled)").forEach(label);
labelAll();
document.addEventListener("htmx:after:swap", labelAll);

// Moments are told in the time of whoever reads, unless his profile names another.
{
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  if (/^[\w+/-]+$/.test(zone)) {
    const root = document.querySelector(".brand").getAttribute("href");
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `galleria_zone=${zone}; path=${root.replace(/\/$/, "") || "/"}; max-age=31536000; samesite=lax${secure}`;
  }
}

// What cannot be undone is asked about first.
document.addEventListener("submit", (event) => {
  const question = event.submitter && event.submitter.dataset.ask;
  if (question && !confirm(question)) {
    event.preventDefault();
  }
}, true);

// Bookmarks of other galleries name the workflow behind a #; no server sees that.
{
  const old = location.hash.match(/^#!app\/([^/]+)\/([0-9a-f]{24})/i);
  if (old) {
    const root = document.querySelector(".brand").getAttribute("href");
    location.replace(`${root}app/${old[1]}/${old[2].toLowerCase()}`);
  }
}

// Of a row of tabs that is wider than a phone, the present one is brought into sight.
for (const tab of document.querySelectorAll(".tabs [aria-current], .sections [aria-current]")) {
  tab.parentElement.scrollLeft = tab.offsetLeft - (tab.parentElement.clientWidth - tab.offsetWidth) / 2;
}
