"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const { parts, values } = read("charts");
  const themes = read("themes");
  const drawn = new Map();
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let printing = false;

  // As trends/report/sharing.py wrote it: equal parts once, rows as a table.
  const whole = (value) => {
    if (value === null || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map(whole);
    if ("$" in value) {
      if (!Array.isArray(value.$)) return whole(parts[value.$]);
      const [names, rows] = value.$;
      return rows.map((row) =>
        Object.fromEntries(row.map((cell, i) => [names[i], cell])),
      );
    }
    const pairs = Object.entries(value);
    return Object.fromEntries(pairs.map(([name, one]) => [name, whole(one)]));
  };

  const theme = () => (dark.matches && !printing ? themes.dark : themes.light);

  // Vega-Embed waits for promises only, and those are kept before a page is printed.
  const draw = async (box) => {
    drawn.get(box)?.finalize();
    drawn.set(box, null);
    const view = await vegaEmbed(box, whole(values[box.dataset.chart]), {
      mode: "vega-lite",
      renderer: "svg",
      ast: true, // interpret expressions: the page may not evaluate text
      actions: false,
      logLevel: 1, // errors
      defaultStyle: false,
      tooltip,
      config: { ...theme(), background: "transparent", aria: false },
    });
    drawn.set(box, view);
    box.querySelector("svg")?.setAttribute("aria-hidden", "true"); // the box is named
    box.dataset.drawn = "yes";
  };

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "status");
  document.body.append(tip);

  const tooltip = (_handler, event, _item, value) => {
    if (value === null || value === undefined || value === "") {
      tip.style.display = "none";
      return;
    }
    tip.replaceChildren();
    const entries =
      typeof value === "object" ? Object.entries(value) : [["", value]];
    for (const [name, said] of entries) {
      const line = document.createElement("div");
      line.textContent = name ? `${name}: ${said}` : `${said}`;
      tip.append(line);
    }
    tip.style.display = "block";
    const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
    tip.style.left = `${Math.max(4, Math.min(event.clientX + 12, room))}px`;
    const below = event.clientY + 14 + tip.offsetHeight < innerHeight;
    tip.style.top = `${event.clientY + (below ? 14 : -8 - tip.offsetHeight)}px`;
  };

  const boxes = [...document.querySelectorAll(".chart")];

  const watch = () => {
    const seen = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          if (entry.isIntersecting && !drawn.has(entry.target)) draw(entry.target);
        }
      },
      { rootMargin: "600px 0px" },
    );
    boxes.forEach((box) => seen.observe(box));
    dark.addEventListener("change", () => [...drawn.keys()].forEach(draw));
    addEventListener("beforeprint", () => {
      printing = true;
      boxes.forEach(draw);
    });
    addEventListener("afterprint", () => {
      printing = false;
      if (dark.matches) boxes.forEach(draw);
    });
  };

  const openTo = (hash) => {
    const target = hash && document.getElementById(decodeURIComponent(hash.slice(1)));
    for (let up = target; up; up = up.parentElement) {
      if (up.tagName === "DETAILS") up.open = true;
      if (up.hidden) up.hidden = false;
    }
    target?.scrollIntoView();
  };

  const search = () => {
    const field = document.getElementById("search");
    const said = document.getElementById("found");
    const parts = [...document.querySelectorAll("[data-search]")];
    const sections = parts.filter((one) => one.tagName === "SECTION");
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const one of parts) {
        one.hidden = !words.every((word) => one.dataset.search.includes(word));
      }
      const left = sections.filter((one) => !one.hidden).length;
      said.textContent = words.length ? `${left} of ${sections.length}` : "";
    });
  };

  // Beside the page on a wide screen, folded above it on a narrow one.
  const wide = matchMedia("(min-width: 70rem)");
  const contents = document.getElementById("contents");
  const unfold = () => {
    contents.open = wide.matches;
  };
  wide.addEventListener("change", unfold);
  unfold();

  addEventListener("hashchange", () => openTo(location.hash));
  watch();
  search();
  if (location.hash) openTo(location.hash);
  document.documentElement.dataset.ready = "yes";
})();
