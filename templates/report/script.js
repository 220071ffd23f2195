"use strict";
// Search and sort. The page says all that it has to say without this.
(() => {
  const label = document.getElementById("search");
  const input = label.querySelector("input");
  label.hidden = false;
  let found;
  input.addEventListener("input", () => {
    // What there is to find is gathered when somebody looks for it.
    found ??= [...document.querySelectorAll("table.found tbody tr, details.found")]
      .map((element) => [element, element.textContent.toLowerCase()]);
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const [element, text] of found) {
      element.hidden = !words.every((word) => text.includes(word));
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.closest("input")) {
      event.preventDefault();
      input.focus();
    }
  });
  const SECONDS = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };
  // A time is as long as it says: "✓ 23h 59m", "−5m".
  const seconds = (text) => {
    const time = /^(?:[✓△✗–] )?(−?)((?:\d+[smhdw] ?)+)$/.exec(text);
    if (!time) return undefined;
    const parts = [...time[2].matchAll(/(\d+)([smhdw])/g)];
    const sum = parts.reduce((sum, [, number, unit]) => sum + number * SECONDS[unit], 0);
    return time[1] ? -sum : sum;
  };
  const key = (row, column) => {
    const cell = row.cells[column];
    const data = cell.querySelector("data");
    if (data) return Number(data.value);
    const text = (cell.firstChild ?? cell).textContent.trim();
    return seconds(text) ?? text;
  };
  const compare = (a, b) => typeof a === "number" && typeof b === "number"
    ? a - b
    : String(a).localeCompare(String(b), "en", { numeric: true });
  for (const table of document.querySelectorAll("table.sorted")) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...table.tBodies[0].rows].map((row) => [key(row, column), row]);
        rows.sort(([a], [b]) => down ? compare(b, a) : compare(a, b));
        table.tBodies[0].append(...rows.map(([, row]) => row));
      });
    });
  }
})();
