// Sites on the planner's map: a shape and a colour for each way of counting, drawn on one canvas, ten thousand at once.
"use strict";

const studyMarks = (() => {
  const LOOK = {
    yes: { shape: "disc", fill: "#0a6a3a", edge: "#ffffff" },
    unknown: { shape: "diamond", fill: "#ffcf4d", edge: "#4a2d00" },
    no: { shape: "cross", fill: "#6b6f76", edge: "#6b6f76" },
    proposed: { shape: "star", fill: "#0b57d0", edge: "#ffffff" },
  };

  function path(context, shape, x, y, r) {
    context.beginPath();
    if (shape === "disc") {
      context.arc(x, y, r, 0, Math.PI * 2);
    } else if (shape === "diamond") {
      const d = r * 1.25;
      context.moveTo(x, y - d);
      context.lineTo(x + d, y);
      context.lineTo(x, y + d);
      context.lineTo(x - d, y);
      context.closePath();
    } else if (shape === "cross") {
      context.moveTo(x - r, y - r);
      context.lineTo(x + r, y + r);
      context.moveTo(x + r, y - r);
      context.lineTo(x - r, y + r);
    } else {
      for (let i = 0; i < 10; i += 1) {
        const far = i % 2 ? r * 0.62 : r * 1.45;
        const turn = (Math.PI * i) / 5 - Math.PI / 2;
        context.lineTo(x + far * Math.cos(turn), y + far * Math.sin(turn));
      }
      context.closePath();
    }
  }

  L.Canvas.include({
    _updateStudyMark(layer) {
      if (!this._drawing || layer._empty()) return;
      const { x, y } = layer._point;
      path(this._ctx, layer.options.shape, x, y, Math.max(Math.round(layer._radius * 2) / 2, 1));
      this._fillStroke(this._ctx, layer);
    },
  });

  const Mark = L.CircleMarker.extend({
    _updatePath() {
      this._renderer._updateStudyMark(this);
    },
  });

  function mark(latlng, counts, radius) {
    return new Mark(latlng, { ...style(counts, radius), radius, interactive: false });
  }

  function style(counts, radius) {
    const look = LOOK[counts];
    if (counts === "no" && radius < 3) return { shape: "disc", fill: true, fillColor: look.fill, fillOpacity: 0.45, stroke: false, color: look.edge, weight: 1, opacity: 1 };
    const line = look.shape === "cross" ? Math.max(1, radius / 3) : radius < 3 ? 0.3 : 1.2;
    return { shape: look.shape, stroke: true, fill: look.shape !== "cross", fillColor: look.fill, fillOpacity: 0.95, color: look.edge, weight: line, opacity: 1 };
  }

  /** A site's shape for the legend, as a picture. */
  function picture(counts) {
    const canvas = document.createElement("canvas"); // of 20 by 20 units
    const ratio = window.devicePixelRatio || 1;
    canvas.width = canvas.height = 20 * ratio;
    canvas.className = "key";
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    path(context, LOOK[counts].shape, 10, 10, 5.5);
    context.fillStyle = LOOK[counts].fill;
    context.strokeStyle = LOOK[counts].edge;
    context.lineWidth = LOOK[counts].shape === "cross" ? 2.5 : 1.2;
    if (LOOK[counts].shape !== "cross") context.fill();
    context.stroke();
    return canvas;
  }

  return { mark, style, picture };
})();
