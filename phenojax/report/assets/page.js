"use strict";
(() => {
  const byId = (id) => document.getElementById(id);

  // ---- the table of genes: sort and filter ----
  const table = byId("gene-table");
  if (table) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const heads = [...table.tHead.rows[0].cells];
    const words = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
    const text = (row, column) => row.cells[column].textContent.trim();
    const number = (row, column) => {
      const value = row.cells[column].dataset.sort;
      return value === "" || value === undefined ? null : Number(value);
    };
    const compare = (column, kind, sign) => (a, b) => {
      if (kind === "text") return sign * words.compare(text(a, column), text(b, column));
      const [x, y] = [number(a, column), number(b, column)];
      if (x === null || y === null) return (x === null) - (y === null); // what was not computed is always last
      return sign * (x - y);
    };
    const downFirst = new Set(["AUC and 95% interval", "AUC within", "Cases", "Controls", "Groups"]);
    heads.forEach((head, column) => {
      const button = head.querySelector("button");
      if (!button) return;
      button.addEventListener("click", () => {
        const now = head.getAttribute("aria-sort");
        const first = downFirst.has(button.textContent.trim()) ? "descending" : "ascending";
        const next = now === null ? first : now === "ascending" ? "descending" : "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", next);
        rows.sort(compare(column, head.dataset.kind, next === "ascending" ? 1 : -1));
        body.append(...rows);
      });
    });

    const haystack = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    const search = byId("search");
    const show = byId("show");
    const filter = () => {
      const wanted = search.value.trim().toLowerCase();
      let shown = 0;
      for (const row of rows) {
        const kind = show.value === "all" || (show.value === "significant" ? "significant" in row.dataset : row.dataset.status === show.value);
        row.hidden = !(kind && haystack.get(row).includes(wanted));
        shown += !row.hidden;
      }
      byId("shown").textContent = `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows`;
      byId("none-shown").hidden = shown > 0;
    };
    search.addEventListener("input", filter);
    show.addEventListener("change", filter);
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    filter(); // a reloaded page may keep what was typed
  }

  // ---- sections: a link to one opens it ----
  const genes = [...document.querySelectorAll("details.gene")];
  const openTarget = () => {
    const target = location.hash.length > 1 ? byId(decodeURIComponent(location.hash.slice(1))) : null;
    if (target instanceof HTMLDetailsElement) {
      target.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", openTarget);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#gene-"]');
    if (link && link.hash === location.hash) openTarget(); // the same link again makes no hashchange
  });
  openTarget();
  const openAll = byId("open-all");
  if (openAll) {
    openAll.hidden = false;
    openAll.addEventListener("click", () => {
      const open = genes.some((one) => !one.open);
      genes.forEach((one) => { one.open = open; });
      openAll.textContent = open ? "Close all" : "Open all";
    });
  }

  // ---- the overview plots ----
  const source = byId("figures");
  const figures = source ? JSON.parse(source.textContent) : {};
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const painted = (figure) => {
    const [ink, dim, line, panel] = ["ink", "dim", "line", "panel"].map(colour);
    const data = figure.data.map((trace) => {
      const paint = colour(trace.meta.role);
      if (trace.meta.role === "band") return { ...trace, fillcolor: paint };
      return { ...trace, marker: { ...trace.marker, color: paint, line: { color: trace.meta.role === "quiet" ? paint : panel, width: 1 } } };
    });
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
    return { data, layout };
  };
  const config = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["select2d", "lasso2d", "sendDataToCloud", "autoScale2d"] };
  const paper = { volcano: { width: 670, height: 330 }, qq: { width: 320, height: 270 }, size: { width: 320, height: 270 } }; // A4 and Letter
  const follow = (event) => {
    const anchor = event.points[0].customdata;
    if (!anchor) return;
    location.hash = anchor;
    openTarget();
  };
  const draw = (method, sizes) => Object.entries(figures).forEach(([id, figure]) => {
    const { data, layout } = painted(figure);
    Plotly[method](byId(id), data, sizes ? { ...layout, ...sizes[id] } : { ...layout, autosize: true }, { ...config, responsive: !sizes });
    byId(id).removeAllListeners("plotly_click");
    byId(id).on("plotly_click", follow);
  });
  if (source) {
    draw("newPlot");
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw("react"));
  }
  // "print" matches before the page is laid out for paper, so that the colours read then are the paper's
  if (source) matchMedia("print").addEventListener("change", (event) => draw("newPlot", event.matches ? paper : undefined));
})();
