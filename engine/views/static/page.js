"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const svg = document.getElementById("graph"), scroll = document.getElementById("scroll");
  const $ = (id) => document.getElementById(id);
  const all = (query, from = document) => [...from.querySelectorAll(query)];
  const nodes = new Map(all(".state").map((g) => [g.dataset.state, g]));
  const boxes = all(".anytime");
  const arrows = all(".arrow"), rows = all(".row");
  const size = { w: svg.viewBox.baseVal.width, h: svg.viewBox.baseVal.height };
  const el = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "on") made.addEventListener("click", value);
      else if (value === true) made.setAttribute(name, "");
      else if (value !== false && value != null) made.setAttribute(name, value);
    }
    for (const child of children.flat()) if (child != null && child !== "") made.append(child);
    return made;
  };
  const tell = (text) => { $("said").textContent = text; };
  const stepsOf = (g) => (g.dataset.steps || "").split(" ").filter(Boolean);

  /* ---------------------------------------------------------------- size */
  let scale = 1;
  const resize = (to, middle) => {
    const before = scale, at = middle || { x: scroll.clientWidth / 2, y: scroll.clientHeight / 2 };
    scale = Math.min(3, Math.max(0.08, to));
    svg.setAttribute("width", size.w * scale);
    svg.setAttribute("height", size.h * scale);
    scroll.scrollLeft = (scroll.scrollLeft + at.x) * scale / before - at.x;
    scroll.scrollTop = (scroll.scrollTop + at.y) * scale / before - at.y;
  };
  const whole = () => resize(Math.min(scroll.clientWidth / size.w, scroll.clientHeight / size.h, 1.2));
  const show = (g) => {
    const box = g.getBoundingClientRect(), frame = scroll.getBoundingClientRect();
    if (box.width > frame.width * 0.95) { scroll.scrollLeft += box.left - frame.left - 8; }
    else if (box.left < frame.left + 8) scroll.scrollLeft += box.left - frame.left - 40;
    else if (box.right > frame.right - 8) scroll.scrollLeft += box.right - frame.right + 40;
    if (box.top < frame.top + 8) scroll.scrollTop += box.top - frame.top - 40;
    else if (box.bottom > frame.bottom - 8) scroll.scrollTop += box.bottom - frame.bottom + 40;
  };
  $("larger").onclick = () => resize(scale * 1.25);
  $("smaller").onclick = () => resize(scale / 1.25);
  $("whole").onclick = whole;
  scroll.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const frame = scroll.getBoundingClientRect();
    resize(scale * (event.deltaY < 0 ? 1.12 : 0.89), { x: event.clientX - frame.left, y: event.clientY - frame.top });
  }, { passive: false });
  let held = null;
  scroll.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button === 0) held = { x: event.clientX, y: event.clientY };
  });
  addEventListener("pointermove", (event) => {
    if (!held) return;
    scroll.scrollLeft -= event.clientX - held.x;
    scroll.scrollTop -= event.clientY - held.y;
    held = { x: event.clientX, y: event.clientY };
  });
  addEventListener("pointerup", () => { held = null; });

  /* --------------------------------------------------------------- theme */
  $("theme").onclick = () => {
    const dark = document.documentElement.dataset.theme
      ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    document.documentElement.dataset.theme = dark ? "light" : "dark";
  };

  /* ---------------------------------------------------------------- tabs */
  const panels = [["state", "State"], ["layers", "Layers"]];
  if (data.rules.length) panels.push(["rules", "Policies"]);
  if (data.calls.length) panels.push(["call", "Calls"]);
  if (data.play) panels.push(["play", "Play"]);
  const tabs = document.querySelector(".tabs");
  const open = (name) => {
    for (const [id] of panels) {
      $("panel-" + id).hidden = id !== name;
      $("tab-" + id).setAttribute("aria-selected", id === name);
      $("tab-" + id).tabIndex = id === name ? 0 : -1;
    }
  };
  for (const [id, title] of panels) {
    tabs.append(el("button", { type: "button", id: "tab-" + id, role: "tab", "aria-controls": "panel-" + id, on: () => open(id) }, title));
    $("panel-" + id).setAttribute("aria-labelledby", "tab-" + id);
  }
  tabs.addEventListener("keydown", (event) => {
    const at = panels.findIndex(([id]) => "tab-" + id === event.target.id);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1 }[event.key];
    if (to === undefined) return;
    const [id] = panels[(to + panels.length) % panels.length];
    open(id);
    $("tab-" + id).focus();
  });

  /* --------------------------------------------------------------- light */
  const unlight = () => {
    svg.classList.remove("dim");
    for (const g of all(".lit", svg)) g.classList.remove("lit");
  };
  const light = (states, steps) => {
    unlight();
    const wanted = new Set(states), taken = new Set(steps);
    svg.classList.add("dim");
    for (const [name, g] of nodes) g.classList.toggle("lit", wanted.has(name));
    for (const g of arrows) g.classList.toggle("lit", stepsOf(g).some((step) => taken.has(step)));
    for (const g of rows) {
      const hit = stepsOf(g).some((step) => taken.has(step));
      g.classList.toggle("lit", hit);
      const box = g.closest(".anytime");
      if (hit && box) box.classList.add("lit");
    }
  };

  /* --------------------------------------------------------------- state */
  const cameFrom = [];
  let chosen = null, way = 0;
  const ways = (name) => data.states[name].out;
  const point = () => {
    for (const g of all(".way", svg)) g.classList.remove("way");
    if (!chosen) return;
    const to = ways(chosen)[way];
    if (!to) return;
    const g = arrows.find((a) => a.dataset.from === chosen && a.dataset.to === to);
    if (g) g.classList.add("way");
    for (const row of rows) if (row.dataset.to === to && nodes.get(chosen).contains(row)) row.classList.add("way");
  };
  const choose = (name, { focus = true, from = null } = {}) => {
    const g = nodes.get(name);
    if (!g) return;
    if (chosen) nodes.get(chosen).classList.remove("chosen");
    if (from) cameFrom.push(from);
    chosen = name;
    way = 0;
    g.classList.add("chosen");
    for (const a of arrows) a.classList.toggle("near", a.dataset.from === name || a.dataset.to === name);
    point();
    show(g);
    if (focus && document.activeElement !== g) g.focus({ preventScroll: true });
    describe(name);
  };
  const exitItem = (exit) => {
    const inside = [el("span", { class: "led" }, (exit.kind === "go" ? "→ " : "") + (exit.kind === "go" ? exit.to : exit.led)), exit.heard];
    if (exit.if) inside.push(el("span", { class: "if" }, "if " + exit.if));
    if (exit.does.length) inside.push(el("span", { class: "does" }, "does " + exit.does.join(", ")));
    for (const text of exit.says) inside.push(el("span", { class: "does" }, "“" + text + "”"));
    const go = exit.kind === "go" && nodes.has(exit.to);
    return el("li", {}, el("button", { type: "button", class: exit.kind, disabled: !go, on: go ? () => choose(exit.to, { from: chosen }) : null }, inside));
  };
  const describe = (name) => {
    const state = data.states[name], panel = $("panel-state");
    panel.replaceChildren(
      el("h2", {}, name),
      el("p", { class: "small" }, [state.phase && "phase " + state.phase, state.where].filter(Boolean).join(" · ")),
      state.about ? el("p", { class: "about" }, state.about) : "",
      ...state.zones.map((zone) => el("span", { class: "tag" }, zone)),
      ...state.says.map((s) => el("div", {}, el("p", { class: "said" }, "“" + s.text + "”"),
        el("p", { class: "small" }, s.prompt + (s.discloses.length ? " · gives away " + s.discloses.join(", ") : "")))),
      el("h3", {}, state.exits.length ? "Ways on" : "No way on of its own"),
      el("ul", { class: "ways" }, state.exits.map(exitItem)),
      state.anytime.length ? el("p", { class: "small" }, "Reached at any moment by " + state.anytime.join(", ")) : "",
      state.stories.length ? el("p", { class: "small" }, "In " + state.stories.length + " scenarios: " + state.stories.slice(0, 8).join(", ") + (state.stories.length > 8 ? " …" : "")) : "");
  };
  for (const [name, g] of nodes) {
    g.addEventListener("click", (event) => {
      const row = event.target.closest(".row[data-to]");
      open("state");
      if (row && nodes.has(row.dataset.to)) choose(row.dataset.to, { from: name });
      else choose(name, { from: chosen });
    });
    g.addEventListener("focus", () => { if (chosen !== name) choose(name, { focus: false }); else show(g); });
  }
  for (const box of boxes) {
    box.addEventListener("focus", () => show(box));
    box.addEventListener("click", (event) => {
      const row = event.target.closest(".row[data-to]");
      if (row && nodes.has(row.dataset.to)) choose(row.dataset.to, { from: chosen });
    });
  }
  svg.addEventListener("keydown", (event) => {
    if (!chosen || !event.target.closest(".state")) return;
    const out = ways(chosen);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!out.length) return tell("no way on from " + chosen);
      way = (way + (event.key === "ArrowDown" ? 1 : out.length - 1)) % out.length;
      point();
      tell("to " + out[way]);
    } else if (event.key === "ArrowRight" || event.key === "Enter") {
      event.preventDefault();
      if (out.length) choose(out[way], { from: chosen });
    } else if (event.key === "ArrowLeft" || event.key === "Backspace") {
      event.preventDefault();
      const back = cameFrom.pop() || Object.keys(data.states).find((n) => ways(n).includes(chosen));
      if (back) choose(back);
    } else if (event.key === "Home") {
      event.preventDefault();
      choose(data.start);
    }
  });
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !/INPUT|SELECT/.test(document.activeElement.tagName)) { event.preventDefault(); $("find").focus(); }
    if (event.key === "Escape") { unlight(); tell(""); }
    if (data.marks && (event.key === "n" || event.key === "p") && !/INPUT|SELECT/.test(document.activeElement.tagName)) {
      const changed = Object.keys(data.marks.states).filter((n) => nodes.has(n));
      const at = changed.indexOf(chosen), by = event.key === "n" ? 1 : changed.length - 1;
      if (changed.length) choose(changed[at < 0 ? 0 : (at + by) % changed.length]);
    }
  });
  for (const name of nodes.keys()) $("names").append(el("option", { value: name }));
  $("find").addEventListener("change", () => { if (nodes.has($("find").value)) choose($("find").value, { from: chosen }); });
  for (const link of all("[data-go]")) link.addEventListener("click", (event) => {
    event.preventDefault();
    scroll.scrollIntoView({ block: "start" });
    choose(link.dataset.go, { from: chosen });
  });

  /* -------------------------------------------------------------- layers */
  const layers = $("panel-layers");
  const toggle = (id, title, detail, colour, mark, act, on) => {
    const input = el("input", { type: "checkbox", id });
    input.checked = on;
    input.addEventListener("change", () => act(input.checked));
    layers.append(el("label", { class: "layer" }, input,
      colour ? el("span", { class: "swatch", style: "background:" + colour }, mark) : "",
      el("span", {}, title, el("span", { class: "small" }, detail ? " · " + detail : ""))));
    act(on);
  };
  layers.append(el("h3", {}, "Guaranteed zones"));
  data.zones.forEach((zone, number) => toggle("zone-" + zone.id, zone.title, zone.states + " states", `var(--z${number % 6})`, number + 1,
    (on) => { for (const g of all(`[data-zone="${CSS.escape(zone.id)}"]`, svg)) g.classList.toggle("on", on); }, true));
  if (!data.zones.length) layers.append(el("p", { class: "small" }, "No fact is guaranteed anywhere, or that could not be checked."));
  layers.append(el("h3", {}, "Laid over"));
  const NS = "http://www.w3.org/2000/svg";
  const badge = (g, text) => {
    const made = document.createElementNS(NS, "g"), rect = document.createElementNS(NS, "rect"), label = document.createElementNS(NS, "text");
    const card = g.querySelector(".card"), w = 10 + 6.5 * text.length, x = +card.getAttribute("width") - w + 6, y = +card.getAttribute("height") - 8;
    made.setAttribute("class", "count");
    for (const [n, v] of Object.entries({ x, y, width: w, height: 16, rx: 8 })) rect.setAttribute(n, v);
    label.setAttribute("x", x + w / 2); label.setAttribute("y", y + 11.5); label.setAttribute("text-anchor", "middle");
    label.textContent = text;
    made.append(rect, label);
    g.append(made);
  };
  const unbadge = () => { for (const g of all(".count", svg)) g.remove(); };
  const counted = (on, counts, share) => {
    unbadge();
    for (const [name, g] of nodes) {
      const n = counts.states[name] || 0;
      g.classList.toggle("none", on && !n && !share);
      g.classList.toggle("some", on && !!n && !share);
      if (on) badge(g, share ? Math.round(100 * n / Math.max(1, counts.calls)) + "%" : String(n));
    }
    for (const g of [...arrows, ...rows]) {
      const n = Math.max(0, ...stepsOf(g).map((step) => counts.steps[step] || 0));
      g.classList.toggle("none", on && !n && !share);
      g.classList.toggle("some", on && !!n && !share);
      const line = g.querySelector(".line");
      if (line) line.style.strokeWidth = on && share ? 1 + 9 * n / Math.max(1, counts.calls) : "";
    }
  };
  if (data.coverage) toggle("layer-coverage", "Coverage", data.coverage.calls + " scenarios", "", "", (on) => counted(on, data.coverage, false), false);
  if (data.traffic) toggle("layer-traffic", "Traffic", data.traffic.calls + " calls", "", "", (on) => counted(on, data.traffic, true), false);
  if (data.marks) toggle("layer-marks", "Difference to " + data.marks.version, Object.keys(data.marks.states).length + " states differ; n and p walk them", "", "", (on) => {
    for (const [name, mark] of Object.entries(data.marks.states)) if (nodes.has(name)) nodes.get(name).classList.toggle(mark, on);
    for (const [from, to, mark] of data.marks.arrows) {
      const g = arrows.find((a) => a.dataset.from === from && a.dataset.to === to);
      if (g) g.classList.toggle(mark, on);
    }
  }, true);
  if (!data.coverage && !data.traffic && !data.marks) layers.append(el("p", { class: "small" }, "Nothing was given to lay over the picture."));

  /* --------------------------------------------------------------- rules */
  if (data.rules.length) {
    const panel = $("panel-rules"), list = el("div"), detail = el("div", { "aria-live": "polite" });
    const filter = el("input", { type: "search", placeholder: "Find a rule", "aria-label": "Find a rule", id: "find-rule" });
    let now = null;
    const pick = (rule, button) => {
      for (const b of all(".rule", list)) b.setAttribute("aria-pressed", "false");
      if (now === rule.id) { now = null; unlight(); detail.replaceChildren(); return; }
      now = rule.id;
      button.setAttribute("aria-pressed", "true");
      light(rule.states, rule.steps);
      const told = rule.states.length || rule.steps.length
        ? "Bears on " + rule.states.length + " states" + (rule.prompts.length ? ", " + rule.prompts.length + " prompts" : "") + (rule.actions.length ? ", " + rule.actions.join(", ") : "")
        : "Bears on nothing in this picture: it is asked " + rule.ask;
      tell(told);
      const inner = [el("p", {}, told + "."), el("p", { class: "small" }, "asked " + rule.ask + " · " + rule.effects.join("; "))];
      if (rule.when) inner.push(el("p", { class: "small" }, "when " + rule.when));
      if (rule.unless) inner.push(el("p", { class: "small" }, "unless " + rule.unless));
      inner.push(el("p", { class: "small" }, [rule.source, rule.severity, rule.status, rule.place, rule.where].filter(Boolean).join(" · ")));
      button.after(el("div", { class: "turn now" }, inner));
    };
    const draw = () => {
      const wanted = filter.value.toLowerCase();
      list.replaceChildren();
      now = null;
      let policy = "";
      for (const rule of data.rules) {
        if (wanted && !(rule.id + rule.title + rule.source).toLowerCase().includes(wanted)) continue;
        if (rule.policy !== policy) list.append(el("h3", {}, rule.title));
        policy = rule.policy;
        const button = el("button", { type: "button", class: "rule", "aria-pressed": "false", "data-rule": rule.id }, el("b", {}, rule.id), el("span", {}, rule.effects[0]));
        button.addEventListener("click", () => { for (const d of all(".turn", list)) d.remove(); pick(rule, button); });
        list.append(button);
      }
    };
    filter.addEventListener("input", draw);
    draw();
    panel.append(filter, list, detail);
  }

  /* --------------------------------------------------------------- calls */
  const turnItem = (turn, act) => {
    const item = el("div", { class: "turn" },
      turn.callee ? el("p", { class: "callee" }, el("span", {}, turn.callee)) : "",
      ...turn.agent.map((text) => el("p", { class: "said" }, text)),
      turn.prevented.length ? el("p", { class: "prevented" }, "held back by " + turn.prevented.join(", ")) : "");
    if (act) item.append(el("button", { type: "button", class: "small", on: act }, turn.states[turn.states.length - 1] || "where it stays"));
    return item;
  };
  if (data.calls.length) {
    const panel = $("panel-call"), told = el("div");
    const select = el("select", { id: "call", "aria-label": "Call" }, el("option", { value: "" }, "Choose a call"),
      data.calls.map((call, n) => el("option", { value: n }, call.title || call.id)));
    select.style.maxWidth = "100%";
    select.addEventListener("change", () => {
      told.replaceChildren();
      unlight();
      if (select.value === "") return;
      const call = data.calls[+select.value];
      light(call.turns.flatMap((t) => t.states), call.turns.flatMap((t) => t.steps));
      for (const turn of call.turns) told.append(turnItem(turn, () => { const last = turn.states[turn.states.length - 1]; if (last) choose(last, { focus: false }); }));
      if (call.ended) told.append(el("p", { class: "ended" }, "ended: " + call.ended));
    });
    panel.append(select, el("h3", {}, "As it went"), told);
  }

  /* ---------------------------------------------------------------- play */
  if (data.play) {
    const panel = $("panel-play"), told = el("div"), offers = el("ul", { class: "ways", id: "offers" });
    let walked = [], states = [];
    const at = (number, passage) => {
      const turn = data.play.passages[passage];
      walked.push(...turn.steps);
      states.push(...turn.states);
      told.append(turnItem(turn));
      const situation = number === null || number < 0 ? null : data.play.situations[number];
      if (situation) states.push(situation[0]);
      light(states, walked);
      for (const t of all(".turn", told)) t.classList.remove("now");
      told.lastChild.classList.add("now");
      const last = situation ? situation[0] : turn.states[turn.states.length - 1];
      if (last) choose(last, { focus: false });
      tell(turn.agent.join(" "));
      offer(situation);
      offers.previousSibling.scrollIntoView({ block: "nearest" });
    };
    const offer = (situation) => {
      offers.replaceChildren();
      if (!situation) return;
      let own = true;
      for (const [heard, example, passage, next, ended, isOwn] of situation[1]) {
        if (own && !isOwn) offers.append(el("li", { class: "small" }, "at any moment"));
        own = !!isOwn;
        offers.append(el("li", {}, el("button", { type: "button", on: () => {
          at(next, passage);
          if (ended) told.append(el("p", { class: "ended" }, "ended: " + ended));
          else if (next === -1) told.append(el("p", { class: "ended" }, "this walk was worked out no further"));
        } }, heard, example ? el("span", { class: "if" }, "“" + example + "”") : "")));
      }
    };
    const begin = () => {
      walked = [];
      states = [];
      told.replaceChildren();
      at(0, data.play.opening);
    };
    panel.append(el("button", { type: "button", id: "begin", on: begin }, "Begin a call"), el("h3", {}, "The call"), told, el("h3", {}, "The callee"), offers);
  }

  /* --------------------------------------------------------------- begin */
  open(data.play && location.hash === "#play" ? "play" : "state");
  whole();
  if (scale < 0.8) { resize(0.9); scroll.scrollTop = 0; scroll.scrollLeft = 0; }
  choose(data.start, { focus: false });
  const first = nodes.get(data.start);
  if (first) show(first);
})();
