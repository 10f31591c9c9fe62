"use strict";

// What a server answered, drawn: bars for the probabilities of classes, a number with its unit, and what was wrong.

const MOST_DRAWN = 24, MOST_CLASSES = 10;

// The predictions of an answer as cards; `schema` is that of one prediction.
function drawPredictions(predictions, schema) {
  const drawn = predictions.slice(0, MOST_DRAWN), left = predictions.length - drawn.length;
  const title = (place) => predictions.length > 1 ? `Row ${place + 1}` : "";
  const cards = drawn.map((one, place) => predictionCard(one, title(place), schema));
  const more = left > 0 ? [element("p", { class: "dim" }, `${left} more are in the answer as JSON.`)] : [];
  return [element("div", { class: "answers" }, ...cards), ...more];
}

function predictionCard(prediction, title, schema) {
  const { id, label, value, probabilities, observed, ...others } = prediction;
  return element("section", { class: "answer" },
    ...(title ? [element("p", { class: "dim" }, title)] : []),
    bigAnswer(label, value, schema),
    ...(probabilities ? [classBars(probabilities, meaningsOf(schema))] : []),
    ...pairs(others),
    ...(observed ? [element("h3", {}, "Observed"), ...pairs(observed)] : []),
    element("p", { class: "dim" }, `id ${id}, to say later what turned out to be true`));
}

function bigAnswer(label, value, schema) {
  if (label !== undefined) {
    const meaning = meaningsOf(schema)[label], told = meaning ? [" ", element("small", {}, meaning)] : [];
    return element("p", { class: "big" }, plain(label), ...told);
  }
  if (value === undefined) return "";
  const about = schema.properties?.value?.description || "";
  return element("p", { class: "big" }, plain(value), " ", element("small", {}, about));
}

// What each class means in plain words, where its project says so.
function meaningsOf(schema) {
  return schema.properties?.label?.["x-enumDescriptions"] || {};
}

function classBars(probabilities, meanings) {
  const all = Object.entries(probabilities).sort((a, b) => b[1] - a[1]), shown = all.slice(0, MOST_CLASSES);
  const rows = shown.flatMap(([name, share]) => bar(name, share, meanings[name]));
  const left = all.slice(MOST_CLASSES);
  if (left.length) rows.push(...bar(`${left.length} others`, left.reduce((sum, [, share]) => sum + share, 0)));
  return element("div", { class: "bars" }, ...rows);
}

function bar(name, share, meaning) {
  const drawn = element("i");
  drawn.style.width = `${100 * share}%`;
  const words = meaning ? [element("small", {}, meaning)] : [];
  return [element("span", {}, ...breakable(name), ...words), drawn, element("span", {}, `${(100 * share).toFixed(1)} %`)];
}

function pairs(values) {
  const rows = Object.entries(values).map(([name, value]) =>
    element("tr", {}, element("th", { scope: "row" }, ...breakable(name)), element("td", {}, plain(value))));
  return rows.length ? [element("table", {}, element("tbody", {}, ...rows))] : [];
}

function plain(value) {
  if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(6)));
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "missing");
}

function drawError(error) {
  const faults = error.faults || [error], more = error.more ? [`and ${error.more} more`] : [];
  const lines = [...faults.map((one) => [one.field, one.message].filter(Boolean).join(": ")), ...more];
  return [element("ul", { class: "fault" }, ...lines.map((line) => element("li", {}, line)))];
}

// A place for answers: `waiting()`, then `show(reply, text)` or `fail(error)`. Screen readers read what is drawn aloud.
function answerPanel(schema) {
  const drawn = element("div", { "aria-live": "polite" }), raw = element("div", { class: "raw" });
  const say = (words) => { drawn.replaceChildren(element("p", {}, words)); raw.replaceChildren(); };
  const show = (reply, text) => {
    const found = parsed(text), shown = found === undefined ? text : JSON.stringify(found, null, 2);
    drawn.replaceChildren(element("h3", {}, `${reply.status} ${reply.statusText}`), ...drawAnswer(found, schema));
    raw.replaceChildren(element("details", { open: "" }, element("summary", {}, "The answer as JSON"),
      element("pre", { tabindex: 0 }, shown)));
    return found;
  };
  const node = element("div", {}, drawn, raw);
  return { node, show, waiting: () => say("Asking…"), fail: (error) => say(`No answer: ${error.message}`) };
}

function drawAnswer(found, schema) {
  if (found?.error?.message) return drawError(found.error);
  return found?.predictions?.[0]?.id ? drawPredictions(found.predictions, schema) : [];
}

// What is not JSON is shown as it is.
function parsed(text) {
  try { return JSON.parse(text); } catch { return undefined; }
}
