// The canvas of a run that is not over: how many records passed each connection, which tools are at work.
"use strict";

{
  const tell = ({ progress }) => {
    const canvas = document.querySelector("#run-canvas .canvas");
    if (!canvas || !progress) {
      return;
    }
    const records = progress.records ?? {};
    for (const count of canvas.querySelectorAll(".wire-count")) {
      const [tool, anchor] = count.dataset.source.split(/:(.*)/s);
      const passed = records[tool]?.[anchor];
      count.textContent = passed === undefined ? "" : passed.toLocaleString("en");
    }
    const atWork = new Set((progress.tools ?? []).map((tool) => String(tool.toolId)));
    for (const tile of canvas.querySelectorAll(".tile")) {
      tile.classList.toggle("at-work", atWork.has(tile.dataset.tool));
      tile.classList.toggle("done", tile.dataset.tool in records && !atWork.has(tile.dataset.tool));
    }
  };

  document.addEventListener("run-state", (event) => tell(event.detail));
  // Over: the server draws it once more, with the tools that failed.
  document.addEventListener("run-end", () => {
    const place = document.querySelector("#run-canvas");
    if (place) {
      htmx.ajax("GET", place.dataset.run, { target: "#run-canvas", select: "#run-canvas", swap: "outerHTML" });
    }
  });
}
