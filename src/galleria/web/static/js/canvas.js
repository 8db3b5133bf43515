// Move about on the drawing of a workflow, and ask for a tool's settings without leaving it.
"use strict";

document.addEventListener("alpine:init", () => {
  Alpine.data("canvas", () => ({
    box: [],
    held: null,
    moved: false,

    init() {
      this.box = this.start();
      // A click that ends a drag is no click at a tool.
      this.$refs.picture.addEventListener("click", (event) => {
        const tile = event.target.closest(".tile");
        if (!tile) {
          return;
        }
        if (this.moved) {
          event.preventDefault();
        } else if (tile.hasAttribute("href") && document.querySelector("#inside") && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
          event.preventDefault();
          this.open(tile);
        }
      }, true);
    },
    start() {
      return this.$root.dataset.box.split(" ").map(Number);
    },
    draw() {
      this.$refs.picture.setAttribute("viewBox", this.box.map((value) => value.toFixed(2)).join(" "));
    },
    scale() {
      const size = this.$refs.picture.getBoundingClientRect();
      return Math.max(this.box[2] / size.width, this.box[3] / size.height);
    },
    zoom(factor, atX, atY) {
      const [x, y, width, height] = this.box;
      const whole = this.start();
      const wanted = Math.min(Math.max(width * factor, 120), whole[2] * 3);
      const real = wanted / width;
      this.box = [x + (atX - x) * (1 - real), y + (atY - y) * (1 - real), width * real, height * real];
      this.draw();
    },
    zoomMiddle(factor) {
      this.zoom(factor, this.box[0] + this.box[2] / 2, this.box[1] + this.box[3] / 2);
    },
    closer() { this.zoomMiddle(0.75); },
    further() { this.zoomMiddle(1.33); },
    whole() {
      this.box = this.start();
      this.draw();
    },
    // The page scrolls as everywhere; with Ctrl the wheel comes closer.
    wheel(event) {
      if (!event.ctrlKey && !event.metaKey) {
        return;
      }
      event.preventDefault();
      const picture = this.$refs.picture;
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
      this.zoom(event.deltaY > 0 ? 1.15 : 0.87, at.x, at.y);
    },
    grasp(event) {
      if (event.button !== 0) {
        return;
      }
      this.held = [event.clientX, event.clientY, this.box[0], this.box[1]];
      this.moved = false;
    },
    drag(event) {
      if (!this.held) {
        return;
      }
      const [startX, startY, x, y] = this.held;
      if (Math.hypot(event.clientX - startX, event.clientY - startY) < 4 && !this.moved) {
        return;
      }
      if (!this.moved) {
        this.moved = true;
        this.$refs.picture.setPointerCapture(event.pointerId);
        this.$refs.picture.classList.add("held");
      }
      const scale = this.scale();
      this.box = [x - (event.clientX - startX) * scale, y - (event.clientY - startY) * scale, this.box[2], this.box[3]];
      this.draw();
    },
    release() {
      this.held = null;
      this.$refs.picture.classList.remove("held");
      setTimeout(() => { this.moved = false; });
    },
    press(event) {
      const step = this.box[2] / 10;
      const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
      if (event.target !== this.$refs.picture) {
        return;
      }
      if (moves[event.key]) {
        event.preventDefault();
        this.box = [this.box[0] + moves[event.key][0], this.box[1] + moves[event.key][1], this.box[2], this.box[3]];
        this.draw();
      } else if (event.key === "+" || event.key === "=") {
        this.closer();
      } else if (event.key === "-") {
        this.further();
      } else if (event.key === "0") {
        this.whole();
      }
    },
    open(tile) {
      for (const other of this.$refs.picture.querySelectorAll(".tile.chosen")) {
        other.classList.remove("chosen");
      }
      tile.classList.add("chosen");
      htmx.ajax("GET", tile.getAttribute("href"), { target: "#inside", select: "#inside", swap: "outerHTML" });
    },
  }));
});
