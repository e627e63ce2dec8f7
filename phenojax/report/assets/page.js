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
        byId("sorted").textContent = `Sorted by ${button.textContent.trim()}, ${next}`;
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
      target.querySelector("summary").focus({ preventScroll: true }); // where the keyboard goes on
    }
  };
  addEventListener("hashchange", openTarget);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#gene-"]');
    if (link && link.hash === location.hash) openTarget(); // the same link again makes no hashchange
  });
  openTarget();
  // what was left out is to stand on paper; which genes do is the reader's choice
  const findings = [...document.querySelectorAll("details.issue")];
  const closed = new Set();
  matchMedia("print").addEventListener("change", (event) => {
    if (event.matches) findings.filter((one) => !one.open).forEach((one) => closed.add(one));
    closed.forEach((one) => { one.open = event.matches; });
    if (!event.matches) closed.clear();
  });
  const openAll = byId("open-all");
  if (openAll) {
    openAll.hidden = false;
    openAll.addEventListener("click", () => {
      const open = genes.some((one) => !one.open);
      genes.forEach((one) => { one.open = open; });
      openAll.textContent = open ? "Close all" : "Open all";
    });
  }
})();
