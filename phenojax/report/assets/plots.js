"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const source = byId("figures");
  if (!source) return;
  const { plots: figures, marks } = JSON.parse(source.textContent);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const bytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

  // ---- the plotting library, which the page holds compressed ----
  const unpack = async () => {
    const stream = new Blob([bytes(byId("plotly").textContent)]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script); // runs at once
    script.remove();
    byId("plotly").remove();
  };

  // Plotly reads a few tags in what it shows, so a gene's name must not bring its own
  const escaped = (name) => name.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const words = (first, ...lines) => [`<b>${escaped(first)}</b>`, ...lines].join("<br>");

  // ---- colours of the theme ----
  const heat = () => [0, 1, 2, 3, 4].map((step) => [step / 4, colour(`heat${step}`)]);
  const paintedTrace = (trace, panel, dim) => {
    const role = trace.meta.role;
    if (role === "heatmap") {
      const bar = { thickness: 12, len: 0.6, y: 0.45, outlinewidth: 0, tickfont: { color: dim }, nticks: 5 };
      return { ...matrix(trace), colorscale: heat(), colorbar: bar };
    }
    if (role === "tree") return { ...trace, line: { ...trace.line, color: dim } };
    const paint = colour(role);
    if (role === "band") return { ...trace, fillcolor: paint };
    const text = trace.customdata.map((row) => words(...marks[row][0].split("\n")));
    return { ...trace, text, marker: { ...trace.marker, color: paint, line: { color: role === "quiet" ? paint : panel, width: 1 } } };
  };
  const painted = (figure) => {
    const [ink, dim, line, panel] = ["ink", "dim", "line", "panel"].map(colour);
    const axis = (given) => ({ ...given, gridcolor: line, linecolor: line, tickcolor: line, tickfont: { color: dim } });
    const layout = {
      ...figure.layout,
      xaxis: axis(figure.layout.xaxis),
      yaxis: axis(figure.layout.yaxis),
      shapes: (figure.layout.shapes || []).map((shape) => ({ ...shape, line: { ...shape.line, color: dim } })),
      annotations: (figure.layout.annotations || []).map((note) => ({ ...note, font: { color: dim, size: 11 } })),
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, size: 12.5, color: ink },
      margin: { l: 52, r: 12, t: 8, b: 46 },
      hovermode: "closest",
      hoverlabel: { bgcolor: panel, bordercolor: dim, font: { color: ink }, align: "left" },
      legend: { orientation: "h", x: 0, y: 1.02, xanchor: "left", yanchor: "bottom", font: { color: dim, size: 11.5 }, itemsizing: "constant" },
    };
    return { data: figure.data.map((trace) => paintedTrace(trace, panel, dim)), layout };
  };

  // ---- the heatmap: cells from bytes, names where there is room for them ----
  const unpacked = new Map();
  const matrix = (trace) => {
    if (!unpacked.has(trace)) {
      const names = trace.genes.map(escaped);
      const cells = bytes(trace.cells);
      const z = names.map(() => new Array(names.length).fill(null));
      const text = names.map(() => new Array(names.length));
      let next = 0;
      names.forEach((one, row) => {
        for (let column = row; column < names.length; column += 1) {
          const cell = cells[next];
          next += 1;
          const value = cell === trace.unknown ? null : cell / trace.steps;
          z[row][column] = z[column][row] = value;
          text[row][column] = `<b>${one}</b> and <b>${names[column]}</b><br>${value === null ? "not known" : value.toFixed(2)}`;
          text[column][row] = text[row][column];
        }
      });
      const { zmin, zmax, meta } = trace;
      unpacked.set(trace, { type: "heatmap", meta, z, text, zmin, zmax, hovertemplate: "%{text}<extra></extra>", hoverongaps: true });
    }
    return unpacked.get(trace);
  };
  const heatmapLayout = (layout, width, compact) => {
    const { genes } = figures.heatmap.data[0];
    const n = genes.length;
    const most = compact ? 9 : 16; // letters of a name
    const names = genes.map((name) => escaped(name.length > most ? `${name.slice(0, most - 1)}…` : name));
    const room = 12 + (compact ? 5.6 : 6.6) * Math.max(...genes.map((name) => Math.min(name.length, most)));
    const axis = { showgrid: false, zeroline: false, ticks: "", range: [-0.5, n - 0.5], tickmode: "array", automargin: false };
    const every = { tickfont: { ...layout.xaxis.tickfont, size: compact ? 9 : 10 } };
    const side = Math.min(width, 980);
    return {
      names, size: side - room - (compact ? 40 : 70),
      layout: {
        ...layout, width: side, height: side, autosize: false,
        xaxis: { ...layout.xaxis, ...axis, ...every, tickangle: -90 },
        yaxis: { ...layout.yaxis, ...axis, ...every, range: [n - 0.5, -0.5] },
        yaxis2: { ...layout.yaxis2, visible: false, fixedrange: true },
        margin: { l: room, r: compact ? 40 : 70, t: 8, b: room },
        // shows where nothing is known
        shapes: [{ type: "rect", layer: "below", x0: -0.5, x1: n - 0.5, y0: -0.5, y1: n - 0.5, fillcolor: colour("gap"), line: { width: 0 } }],
      },
    };
  };
  const ticks = (names, range, pixels) => {
    const [low, high] = [Math.max(0, Math.ceil(Math.min(...range))), Math.min(names.length - 1, Math.floor(Math.max(...range)))];
    const step = Math.max(1, Math.ceil((12 * (high - low + 1)) / pixels));
    const tickvals = [];
    for (let k = Math.ceil(low / step) * step; k <= high; k += step) tickvals.push(k);
    return { tickvals, ticktext: tickvals.map((k) => names[k]) };
  };

  // ---- drawing ----
  const config = { displaylogo: false, modeBarButtonsToRemove: ["select2d", "lasso2d", "sendDataToCloud", "autoScale2d"] };
  const paper = { volcano: { width: 670, height: 330 }, qq: { width: 320, height: 270 }, size: { width: 320, height: 270 }, heatmap: { width: 660 } }; // A4 and Letter
  const open = (anchor) => {
    if (anchor) location.hash = anchor;
    byId(anchor || "")?.setAttribute("open", "");
    byId(anchor || "")?.scrollIntoView();
  };
  const drawHeatmap = (method, size) => {
    const place = byId("heatmap");
    const { data, layout: plain } = painted(figures.heatmap);
    const width = size ? size.width : place.clientWidth;
    const { names, size: pixels, layout } = heatmapLayout(plain, width, width < 560);
    const named = (range) => ticks(names, range, pixels);
    for (const axis of [layout.xaxis, layout.yaxis]) Object.assign(axis, named(axis.range));
    if (width < 560) data[0].colorbar = { ...data[0].colorbar, thickness: 8, tickfont: { ...data[0].colorbar.tickfont, size: 9 }, xpad: 2 };
    Plotly[method](place, data, layout, { ...config, responsive: false });
    place.removeAllListeners("plotly_relayout");
    place.on("plotly_relayout", (change) => {
      if (!Object.keys(change).some((key) => key.includes("range"))) return; // its own names
      const names = {};
      for (const axis of ["xaxis", "yaxis"]) {
        const { tickvals, ticktext } = named(place.layout[axis].range);
        Object.assign(names, { [`${axis}.tickvals`]: tickvals, [`${axis}.ticktext`]: ticktext });
      }
      Plotly.relayout(place, names);
    });
    place.removeAllListeners("plotly_click");
    place.on("plotly_click", (event) => open(figures.heatmap.data[0].anchors[event.points[0].y]));
  };
  const draw = (method, sizes) => Object.entries(figures).forEach(([id, figure]) => {
    if (id === "heatmap") return drawHeatmap(method, sizes?.heatmap);
    const { data, layout } = painted(figure);
    Plotly[method](byId(id), data, sizes ? { ...layout, ...sizes[id] } : { ...layout, autosize: true }, { ...config, responsive: !sizes });
    byId(id).removeAllListeners("plotly_click");
    return byId(id).on("plotly_click", (event) => open(marks[event.points[0].customdata][1]));
  });
  const start = () => {
    draw("newPlot");
    byId("no-plots").hidden = true;
    document.documentElement.dataset.plots = "drawn";
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw("react"));
    // "print" matches before the page is laid out for paper, so that the colours read then are the paper's
    matchMedia("print").addEventListener("change", (event) => draw("newPlot", event.matches ? paper : undefined));
    if (!figures.heatmap) return;
    let width = byId("heatmap").clientWidth;
    addEventListener("resize", () => {
      if (byId("heatmap").clientWidth === width) return;
      width = byId("heatmap").clientWidth;
      drawHeatmap("react");
    });
  };
  if ("DecompressionStream" in window) unpack().then(start);
})();
