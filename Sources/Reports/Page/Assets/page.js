"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Data: strings and names of members are stored once; see PackedJSON.
  const stored = JSON.parse($("#data").textContent);
  const unpack = (value) => {
    if (typeof value === "string") {
      if (value[0] !== "~") return value;
      return value[1] === "~" ? value.slice(1) : stored.strings[+value.slice(1)];
    }
    if (!Array.isArray(value)) return value;
    if (value[0] === -1) return value.slice(1).map(unpack);
    const object = {};
    stored.names[value[0]].forEach((name, i) => { object[name] = unpack(value[i + 1]); });
    return object;
  };
  const data = unpack(stored.values);
  const layers = data.layers || [];
  const pairs = data.pairs || [];
  const omitted = new Set(stored.omitted || []);

  // Text
  const escape = (text) => String(text).replace(/[&<>"']/g, (c) => "&#" + c.charCodeAt(0) + ";");
  const short = (x, digits = 3) => {
    if (x === null || x === undefined) return "–";
    if (x === 0) return "0";
    const size = Math.abs(x);
    if (size >= 1e5 || size < 1e-3) return x.toExponential(Math.max(digits - 2, 1));
    return x.toFixed(Math.min(6, Math.max(0, digits - 1 - Math.floor(Math.log10(size)))));
  };
  const probability = (p) => {
    if (p === null || p === undefined) return "–";
    if (p >= 1e-4) return p > 0.9995 ? p.toFixed(0) : p.toFixed(4);
    return p.toExponential(1);
  };
  const grouped = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  const place = (x) => Math.round(x * 10) / 10;

  // Marks of a layer all say the same, which is stored once.
  const telling = "[data-tip], .bars, svg [data-layer]";
  // Hover, touch and keyboard on the marks of a picture
  const tip = $("#tip");
  const show = (mark) => {
    tip.textContent = mark.dataset.tip || mark.getAttribute("aria-label") || stored.tips[mark.dataset.layer];
    tip.hidden = false;
    const box = mark.getBoundingClientRect();
    const left = Math.min(box.right + 10, document.documentElement.clientWidth - tip.offsetWidth - 8);
    tip.style.left = Math.max(8, left) + scrollX + "px";
    const above = box.top - tip.offsetHeight - 8;
    tip.style.top = (above > 0 ? above : box.bottom + 8) + scrollY + "px";
  };
  const hide = () => { tip.hidden = true; };
  // Scrolling moves marks under a pointer that rests: then what the keyboard asked for stays.
  let byKeyboard = false;
  const point = (event) => {
    const mark = event.target.closest(telling);
    if (mark) show(mark); else hide();
  };
  document.addEventListener("pointerover", (event) => { if (!byKeyboard) point(event); });
  document.addEventListener("pointermove", (event) => {
    if (byKeyboard) point(event);
    byKeyboard = false;
  });
  document.addEventListener("click", (event) => {
    const mark = event.target.closest("svg [data-layer]");
    if (mark) { hide(); location.hash = "layer-" + mark.dataset.layer; }
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  const tame = (svg) => {
    // The name stays for screen readers; as a title it would hang over every mark.
    const title = $("title", svg), words = $("desc", svg);
    if (!title) return;
    svg.setAttribute("aria-label", title.textContent + (words ? ". " + words.textContent : ""));
    svg.removeAttribute("aria-labelledby");
    title.remove();
  };
  const walk = (stage) => {
    let current = -1;
    const marks = () => all(telling, stage);
    const leave = () => { all(".near", stage).forEach((mark) => mark.classList.remove("near")); hide(); };
    stage.addEventListener("keydown", (event) => {
      const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
      const list = marks();
      if (event.key === "Enter" && list[current] && list[current].dataset.layer) {
        location.hash = "layer-" + list[current].dataset.layer;
      }
      if (!(event.key in steps) || !list.length) return;
      event.preventDefault();
      current = (current + steps[event.key] + list.length) % list.length;
      leave();
      list[current].classList.add("near");
      byKeyboard = true;
      show(list[current]);
    });
    stage.addEventListener("blur", leave);
  };
  all("svg[role=img]").forEach(tame);
  all("[data-walk]").forEach(walk);

  // The table of layers: sorted, filtered, a page at a time; the panels follow the filter
  const body = $("#table tbody");
  const rows = body ? [...body.rows] : [];
  const panels = all("details.layer");
  const rowsAtOnce = 100, panelsAtOnce = 50;
  let rowLimit = rowsAtOnce, panelLimit = panelsAtOnce;
  const update = () => {
    const text = ($("#filter") ? $("#filter").value : "").trim().toLowerCase();
    const only = $("#only") && $("#only").checked;
    const fits = (i) => {
      const name = layers[i] ? layers[i].layer || "(top)" : "";
      return name.toLowerCase().includes(text) && (!only || layers[i].significant);
    };
    let matching = 0;
    for (const row of rows) {
      const isMatch = fits(row.dataset.layer);
      row.hidden = !isMatch || matching >= rowLimit;
      if (isMatch) matching += 1;
    }
    let panelCount = 0;
    for (const panel of panels) {
      const isMatch = fits(panel.dataset.layer);
      panel.hidden = !isMatch || (panelCount >= panelLimit && !panel.open);
      if (isMatch) panelCount += 1;
    }
    if ($("#shown")) $("#shown").textContent = matching === rows.length && !text && !only ? "" : matching + " of " + rows.length + " layers";
    const offer = (button, count, limit) => {
      if (!button) return;
      button.hidden = count <= limit;
      button.textContent = "Show all " + count + " (" + limit + " are shown)";
    };
    offer($("#more"), matching, rowLimit);
    offer($("#more-panels"), panelCount, panelLimit);
  };
  const value = (row, column) => {
    const cell = row.cells[column];
    if (column < 2) return cell.textContent.trim().toLowerCase();
    return cell.dataset.v === "null" ? null : +cell.dataset.v;
  };
  const names = new Intl.Collator("en", { numeric: true });
  all("#table thead th").forEach((heading, column) => {
    $("button", heading).addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      all("#table thead th").forEach((other) => other.setAttribute("aria-sort", "none"));
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      rows.sort((x, y) => {
        const a = value(x, column), b = value(y, column);
        // What is not defined comes last either way.
        if (a === null || b === null) return (a === null) - (b === null) || x.dataset.layer - y.dataset.layer;
        const order = typeof a === "string" ? names.compare(a, b) : a - b;
        return (down ? -order : order) || x.dataset.layer - y.dataset.layer;
      });
      rows.forEach((row) => body.append(row));
      update();
    });
  });
  if ($("#filter")) {
    $("#filter").addEventListener("input", () => { rowLimit = rowsAtOnce; panelLimit = panelsAtOnce; update(); });
    $("#only").addEventListener("change", update);
    $("#more").addEventListener("click", () => { rowLimit = Infinity; update(); });
  }
  if ($("#more-panels")) $("#more-panels").addEventListener("click", () => { panelLimit = Infinity; update(); });

  // Downloads
  const csvField = (x) => {
    const text = x === null || x === undefined ? "" : String(x);
    return /[",\n\r]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  };
  const flat = (object, prefix = "", into = {}) => {
    for (const [key, item] of Object.entries(object)) {
      if (Array.isArray(item)) into[prefix + key] = item.join(" ");
      else if (item && typeof item === "object") flat(item, prefix + key + ".", into);
      else into[prefix + key] = item;
    }
    return into;
  };
  const csv = (items) => {
    const records = items.map((item) => flat(item));
    const columns = [...new Set(records.flatMap(Object.keys))];
    return [columns, ...records.map((record) => columns.map((column) => record[column]))]
      .map((record) => record.map(csvField).join(",") + "\n").join("");
  };
  const without = (object, ...keys) => Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
  const files = {
    layers: () => ["layers.csv", "text/csv", csv(layers.map((layer) => without(layer, "tests", "points")))],
    tensors: () => ["tensors.csv", "text/csv", csv(pairs.map((pair) => without(pair, "tests", "intervals")))],
    tests: () => ["tests.csv", "text/csv", csv([...layers, ...pairs].flatMap((item) =>
      (item.tests || []).map((test) => ({ name: item.name || "", layer: item.layer, ...test }))))],
    measures: () => ["measures.csv", "text/csv", csv(data.behavior.measures)],
    classes: () => ["classes.csv", "text/csv", csv(data.behavior.classes)],
    examples: () => ["examples.csv", "text/csv", csv(data.behavior.disagreements)],
    transplant: () => ["transplant.csv", "text/csv", csv(data.behavior.transplant.layers)],
    document: () => ["document.json", "application/json", JSON.stringify(data, null, 2) + "\n"],
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.download) {
      const [name, type, text] = files[button.dataset.download]();
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type }));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    }
    if (button.dataset.copy) {
      const text = all(button.dataset.copy).map((element) => element.textContent).join("\n");
      const done = () => { button.textContent = "Copied"; setTimeout(() => { button.textContent = "Copy the command"; }, 1500); };
      if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, () => {});
    }
  });

  // Pictures of one tensor
  const svg = (width, height, title, description, marks) =>
    `<svg role="img" aria-label="${escape(title + ". " + description)}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${marks}</svg>`;
  const axis = (low, high, from, to) => {
    const scale = (x) => from + ((x - low) / (high - low || 1)) * (to - from);
    scale.ticks = (count) => {
      const rough = (high - low) / count;
      if (!(rough > 0) || !isFinite(rough)) return [];
      const power = 10 ** Math.floor(Math.log10(rough));
      const step = [1, 2, 5, 10].map((k) => k * power).find((s) => s >= rough * 0.999);
      const ticks = [];
      // Labels of one axis have as many decimals as its steps need.
      const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
      for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k += 1) {
        ticks.push([k * step, decimals > 4 || step >= 1e5 ? short(k * step, 2) : (k * step).toFixed(decimals).replace(/^-(0(\.0*)?)$/, "$1")]);
      }
      return ticks;
    };
    return scale;
  };
  const path = (style, d) => `<path class="${style}" d="${d}"/>`;
  const line = (style, x1, y1, x2, y2) => path(style, `M${place(x1)} ${place(y1)}L${place(x2)} ${place(y2)}`);
  const label = (x, y, text, style = "") => `<text x="${place(x)}" y="${place(y)}" class="${style}">${escape(text)}</text>`;
  const left = 58, right = 414, top = 10, bottom = 196, height = 236, width = 424;
  const frame = (x, y, xName, yName) =>
    x.ticks(5).map(([t, text]) => line("grid", x(t), bottom, x(t), top) + label(x(t), bottom + 16, text, "middle")).join("") +
    y.ticks(4).map(([t, text]) => line("grid", left, y(t), right, y(t)) + label(left - 6, y(t) + 4, text, "end")).join("") +
    line("axis", left, bottom, right, bottom) + label((left + right) / 2, height - 6, xName, "middle") +
    `<text transform="translate(13 ${(top + bottom) / 2}) rotate(-90)" class="middle">${escape(yName)}</text>`;

  const density = {
    norm: (x, m, s) => Math.exp(-0.5 * ((x - m) / s) ** 2) / (s * Math.sqrt(2 * Math.PI)),
    laplace: (x, m, s) => Math.exp(-Math.abs(x - m) / s) / (2 * s),
  };
  // Wichura's AS 241 to about seven digits, which is more than a picture shows.
  const normalQuantile = (p) => {
    const q = p - 0.5;
    if (Math.abs(q) <= 0.425) {
      const r = 0.180625 - q * q;
      return q * (((5.9109374720e1 * r + 1.5929113202e2) * r + 5.0434271938e1) * r + 3.3871327179) /
        (((6.7187563600e1 * r + 7.8757757664e1) * r + 1.7895169469e1) * r + 1);
    }
    let r = Math.sqrt(-Math.log(Math.min(p, 1 - p)));
    let z;
    if (r <= 5) {
      r -= 1.6;
      z = (((1.7023821103e-1 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777) / ((1.2021132975e-1 * r + 7.3700164250e-1) * r + 1);
    } else {
      r -= 5;
      z = (((1.7337203997e-2 * r + 4.2868294337e-1) * r + 3.0812263860) * r + 6.6579051150) / ((1.2258202635e-2 * r + 2.4197894225e-1) * r + 1);
    }
    return q < 0 ? -z : z;
  };
  const quantile = {
    norm: normalQuantile,
    laplace: (p) => (p < 0.5 ? Math.log(2 * p) : -Math.log(2 * (1 - p))),
  };
  const total = (counts) => counts.reduce((sum, n) => sum + n, 0);
  const fitOf = (profile, side, family) => (profile.fits.find((fit) => fit[0] === side && fit[1] === family) || null);
  const read = (packed) => {
    if (!packed) return null;
    const [low, high, a, b, range, units, fits] = packed;
    return { low, high, a, b, range, units, fits, step: (high - low) / (a.length - 2) };
  };

  const histogram = (pair, profile, family) => {
    const { low, high, step } = profile;
    const heights = (counts) => counts.slice(1, -1).map((n) => n / (total(counts) || 1) / step);
    const a = heights(profile.a), b = heights(profile.b);
    const most = Math.max(...a, ...b) * 1.08 || 1;
    const x = axis(low, high, left, right), y = axis(0, most, bottom, top);
    const outline = (bars) => bars.map((h, i) => `${i ? "L" : "M"}${place(x(low + i * step))} ${place(y(h))}H${place(x(low + (i + 1) * step))}`).join("");
    const closed = (bars) => `${outline(bars)}V${bottom}H${left}z`;
    let marks = frame(x, y, "weight", "density") + path("fill-a", closed(a)) + path("fill-b", closed(b)) + path("line-a", outline(a)) + path("line-b", outline(b));
    for (const side of family === "none" ? [] : ["a", "b"]) {
      const fit = fitOf(profile, side, family);
      if (!fit) continue;
      const points = [];
      for (let i = 0; i <= 120; i += 1) {
        const at = low + ((high - low) * i) / 120;
        points.push(`${place(x(at))} ${place(y(Math.min(most, density[family](at, fit[2], fit[3]))))}`);
      }
      marks += path(`fit line-${side}`, "M" + points.join("L"));
    }
    const beyond = profile.a[0] + profile.b[0] + profile.a[profile.a.length - 1] + profile.b[profile.b.length - 1];
    const [minA, maxA, minB, maxB] = profile.range;
    return `<figure>${svg(width, height, "Distribution of " + pair.name, `A from ${short(minA)} to ${short(maxA)}, B from ${short(minB)} to ${short(maxB)}`, marks)}` +
      `<figcaption><b>Distribution.</b> <span class="a">A</span> hatched, <span class="b">B</span> plain` +
      (family === "none" ? "" : "; dashed: the fit") + `.${beyond ? ` ${short((100 * beyond) / (total(profile.a) + total(profile.b)), 2)} % of the values lie beyond the edges.` : ""}</figcaption></figure>`;
  };

  const quantiles = (pair, profile, family) => {
    const cumulative = (counts) => { let sum = 0; const n = total(counts); return counts.slice(0, -1).map((k) => (sum += k) / n); };
    const edge = (i) => profile.low + i * profile.step;
    const series = [];
    let xName, yName, words;
    if (family !== "none" && ["a", "b"].some((side) => fitOf(profile, side, family))) {
      for (const side of ["a", "b"]) {
        const fit = fitOf(profile, side, family);
        if (!fit || !total(profile[side])) continue;
        const points = cumulative(profile[side]).map((p, i) => [p, (edge(i) - fit[2]) / fit[3]])
          .filter(([p]) => p > 1e-6 && p < 1 - 1e-6).map(([p, z]) => [quantile[family](p), z]);
        series.push([side, points]);
      }
      const name = family === "norm" ? "normal" : "Laplace";
      [xName, yName, words] = [`quantile of the ${name} distribution`, "(weight − location) / scale", `<b>Q-Q</b> against the ${name} fit of either side`];
    } else {
      const a = cumulative(profile.a), b = cumulative(profile.b);
      const at = (cdf, p) => {
        const i = cdf.findIndex((c) => c >= p);
        if (i <= 0) return null;
        return edge(i - 1) + ((p - cdf[i - 1]) / (cdf[i] - cdf[i - 1])) * profile.step;
      };
      const points = [];
      for (let i = 1; i < 50; i += 1) {
        const u = at(a, i / 50), v = at(b, i / 50);
        if (u !== null && v !== null) points.push([u, v]);
      }
      series.push(["", points]);
      [xName, yName, words] = ["quantile of A", "quantile of B", "<b>Q-Q</b> of B against A"];
    }
    const xs = series.flatMap(([, points]) => points.map((p) => p[0]));
    const ys = series.flatMap(([, points]) => points.map((p) => p[1]));
    if (!xs.length) return "";
    const pad = (values) => { const u = Math.min(...values), v = Math.max(...values), m = (v - u) * 0.06 || Math.abs(u) * 0.1 || 1; return [u - m, v + m]; };
    const [xl, xh] = pad(xs), [yl, yh] = pad(ys);
    const x = axis(xl, xh, left, right), y = axis(yl, yh, bottom, top);
    const u = Math.max(xl, yl), v = Math.min(xh, yh);
    let marks = frame(x, y, xName, yName) + (v > u ? line("guide", x(u), y(u), x(v), y(v)) : "");
    for (const [side, points] of series) marks += path("dots" + (side && "-" + side), points.map(([p, q]) => `M${place(x(p))} ${place(y(q))}h0`).join(""));
    return `<figure>${svg(width, height, "Q-Q plot of " + pair.name, "straight where the distribution fits", marks)}<figcaption>${words}` +
      `${series.length > 1 ? ": <span class=\"a\">A</span> round, <span class=\"b\">B</span> square" : ""}.</figcaption></figure>`;
  };

  const unitNorms = (pair, profile) => {
    const points = [];
    for (let i = 0; i < profile.units.length; i += 3) points.push(profile.units.slice(i, i + 3));
    const shown = points.filter((p) => p[1] !== null && p[2] !== null);
    if (shown.length < 2) return "";
    const most = Math.max(...shown.flatMap((p) => [p[1], p[2]])) * 1.05 || 1;
    const x = axis(0, most, left, right), y = axis(0, most, bottom, top);
    const dead = new Set([...(pair.dead_unit_indices_a || []), ...(pair.dead_unit_indices_b || [])]);
    const mark = ([unit, a, b]) =>
      `<path class="dots${dead.has(unit) ? " dead" : ""}" data-tip="${escape(pair.unit)} ${unit}\nnorm ${short(a)} in A, ${short(b)} in B${dead.has(unit) ? "\ndead" : ""}" d="M${place(x(a))} ${place(y(b))}h0"/>`;
    const marks = frame(x, y, "norm in A", "norm in B") + line("guide", x(0), y(0), x(most), y(most)) + shown.map(mark).join("");
    const part = shown.length < pair.unit_count ? ` ${shown.length} of ${grouped(pair.unit_count)} are shown, evenly spaced, dead ones first.` : "";
    return `<figure><div tabindex="0" role="group" data-walk aria-label="Norms of units; the arrow keys walk through them">` +
      svg(width, height, "Norms of the units of " + pair.name, `${shown.length} units; on the diagonal where nothing changed`, marks) +
      `</div><figcaption><b>Norm of each ${escape(pair.unit)}.</b> Dashed: no change.${part}</figcaption></figure>`;
  };

  const effectNames = {
    mean_shift_per_sd: ["mean shift / SD", 0], mean_unit_norm_ratio: ["unit norms B/A", 1], norm_ratio: ["norm B/A", 1],
    wasserstein1_per_sd: ["Wasserstein / SD", 0], jensen_shannon_bits: ["Jensen-Shannon, bits", 0], cosine_similarity: ["cosine", 1],
    relative_l2: ["relative L2", 0], ks: ["Kolmogorov-Smirnov", 0], kl_ab: ["KL(A‖B), nats", 0], kl_ba: ["KL(B‖A), nats", 0],
  };
  const intervals = (pair) => {
    const effects = [];
    const add = (effect) => {
      if (effect && effect.value !== null && effect.interval && effectNames[effect.name] && !effects.some((e) => e.name === effect.name)) effects.push(effect);
    };
    for (const name of ["norm_ratio", "relative_l2", "cosine_similarity"]) add((pair.intervals || {})[name]);
    (pair.tests || []).forEach((test) => add(test.effect));
    if (!effects.length) return "";
    const rowHeight = 30, names = 142, values = 276, wide = 448, high = effects.length * rowHeight + 6;
    let marks = "";
    effects.forEach((effect, i) => {
      const [name, none] = effectNames[effect.name];
      const y = i * rowHeight + 17;
      const [low, up] = effect.interval;
      const least = Math.min(low, none, effect.value), most = Math.max(up, none, effect.value), margin = (most - least) * 0.08 || 1;
      const x = axis(least - margin, most + margin, names, values);
      marks += label(names - 10, y + 4, name, "end") + line("guide", x(none), y - 11, x(none), y + 11) +
        line("interval", x(low), y, x(up), y) + line("interval", x(low), y - 4, x(low), y + 4) + line("interval", x(up), y - 4, x(up), y + 4) +
        `<circle class="centre" cx="${place(x(effect.value))}" cy="${y}" r="4"/>` +
        label(values + 10, y + 4, `${short(effect.value)} [${short(low)}, ${short(up)}]`);
    });
    const level = data.significance ? +(data.significance.confidence * 100).toPrecision(6) : 95;
    const words = effects.map((e) => `${effectNames[e.name][0]} ${short(e.value)} from ${short(e.interval[0])} to ${short(e.interval[1])}`).join("; ");
    return `<figure>${svg(wide, high, "Effects of " + pair.name + " with intervals", words, marks)}<figcaption><b>Effects</b> with ${level} % intervals, each on its own scale. Dashed: no effect.</figcaption></figure>`;
  };

  const table = (pair) => {
    const tests = pair.tests || [];
    if (!tests.length) return "";
    const cells = tests.map((test) => {
      const effect = test.effect || {};
      const interval = effect.interval ? ` [${short(effect.interval[0])}, ${short(effect.interval[1])}]` : "";
      const note = test.warnings.length ? test.warnings.join("; ") : test.method_reason || "";
      return `<tr><th scope="row">${escape(test.id)} ${escape(test.statistic)}</th><td>${short(test.value)}</td><td>${short(effect.value)}${interval}</td>` +
        `<td>${probability(test.p_value)}</td><td>${probability(test.p_adjusted)}</td><td>${probability(test.smallest_p_value)}</td>` +
        `<td class="left">${escape((test.method || "–").replace(/_/g, " "))}</td><td class="left wrap reason">${escape(note)}</td></tr>`;
    });
    return `<div class="scroll" tabindex="0" role="region" aria-label="Tests of ${escape(pair.name)}"><table><thead><tr><th scope="col">test</th><th scope="col">value</th>` +
      `<th scope="col">effect</th><th scope="col">p</th><th scope="col">adj. p</th><th scope="col">smallest p</th><th scope="col" class="left">method</th><th scope="col" class="left">why so</th></tr></thead><tbody>${cells.join("")}</tbody></table></div>`;
  };

  // A file that export wrote holds what it was asked to hold.
  const unpictured = (pair) => pair.a.dtype === "string" ? ""
    : "<p class=\"note\">No histogram of this tensor was kept, so its distribution and its units have no pictures.</p>";

  const tensor = (pair, profile, family) => {
    const facts = [pair.role, pair.shape.join(" × ") || "scalar", pair.a.dtype === pair.b.dtype ? pair.a.dtype : `${pair.a.dtype} → ${pair.b.dtype}`, `${grouped(pair.unit_count)} × ${pair.unit}`];
    const metrics = pair.metrics;
    const numbers = [["relative L2", metrics.relative_l2], ["cosine", metrics.cosine_similarity], ["largest difference", metrics.max_abs_difference], ["KS", metrics.ks]]
      .filter(([, x]) => x !== null && x !== undefined).map(([name, x]) => `${name} ${short(x)}`);
    const changed = metrics.changed_count === undefined ? "" : pair.identical || metrics.changed_count === 0 ? "No value changed. " : `${grouped(metrics.changed_count)} of ${grouped(pair.count)} values changed. `;
    return `<h3><code>${escape(pair.name)}</code></h3><p class="small">${escape(facts.join(" · "))}<br>${escape(changed + numbers.join(" · "))}</p>` +
      pair.warnings.map((text) => `<p class="note">⚠ ${escape(text)}</p>`).join("") +
      (profile ? `<div class="pair">${histogram(pair, profile, family)}${quantiles(pair, profile, family)}${unitNorms(pair, profile)}${intervals(pair)}</div>` : unpictured(pair) + intervals(pair)) + table(pair);
  };

  const draw = (panel) => {
    const layer = layers[panel.dataset.layer];
    const place = panel.lastElementChild;
    if (!layer || place.childElementCount) return;
    if (omitted.has(+panel.dataset.layer)) {
      place.innerHTML = `<p>Left out to keep the page small. <code>equipoise report A B -o layer.html --include '${escape(layer.layer)}'</code> shows this layer alone.</p>`;
      return;
    }
    let family = "norm";
    const content = () => {
      const lead = layer.p_value === null ? layer.warnings.join("; ") : `p = ${probability(layer.p_value)} (${(layer.method || "").replace(/_/g, " ")}${layer.method_reason ? ": " + layer.method_reason : ""})` + (layer.leading ? `. What stands out most: ${layer.leading}.` : "");
      const choice = [["norm", "normal"], ["laplace", "Laplace"], ["none", "none"]].map(([id, name]) =>
        `<label><input type="radio" name="fit-${panel.dataset.layer}" value="${id}"${id === family ? " checked" : ""}> ${name}</label>`).join("");
      const parts = pairs.map((pair, i) => [pair, read(stored.profiles[i])]).filter(([pair]) => layer.tensors.includes(pair.name));
      const hasFits = parts.some(([, profile]) => profile && profile.fits.length);
      return `<p class="small">${escape(lead)}</p>${hasFits ? `<fieldset><legend>Fit</legend>${choice}</fieldset>` : ""}` +
        parts.map(([pair, profile]) => `<section class="tensor" aria-label="${escape(pair.name)}">${tensor(pair, profile, family)}</section>`).join("");
    };
    const fill = () => { place.innerHTML = content(); all("[data-walk]", place).forEach(walk); };
    fill();
    place.addEventListener("change", (event) => {
      if (event.target.type !== "radio") return;
      family = event.target.value;
      fill();
      $(`input[value=${family}]`, place).focus();
    });
  };
  panels.forEach((panel) => panel.addEventListener("toggle", () => { if (panel.open) draw(panel); }));
  const follow = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target || !target.matches("details.layer")) return;
    target.hidden = false;
    draw(target);
    target.open = true;
    target.scrollIntoView();
    $("summary", target).focus({ preventScroll: true });
  };
  addEventListener("hashchange", follow);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#layer-']");
    if (link && link.hash === location.hash) follow();
  });
  if ($("#open-all")) {
    $("#open-all").addEventListener("click", () => panels.filter((panel) => !panel.hidden).forEach((panel) => { draw(panel); panel.open = true; }));
    $("#close-all").addEventListener("click", () => panels.forEach((panel) => { panel.open = false; }));
  }
  update();
  follow();
})();
