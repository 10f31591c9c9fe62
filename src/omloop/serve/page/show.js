"use strict";

// The page: every address of the description, a form for each, and what a row and a prediction are.

function askForKey(page, refused) {
  const input = element("input", { type: "password", autocomplete: "off", required: "" });
  const made = { input, node: labelled("This server asks for a key, with the role read", input) };
  const form = element("form", {}, made.node, element("button", { type: "submit", class: "send" }, "Show the API"));
  form.addEventListener("submit", (event) => { event.preventDefault(); show({ key: input.value.trim() }); });
  page.replaceChildren(form);
  if (refused) showFault(made, "That key is not known here, or has not the role.");
  input.focus();
}

// An address that opens; its form is made when it is first wanted.
function endpoint(method, path, operation, schemas, session) {
  const head = element("summary", {}, element("span", { class: `method ${method}` }, method.toUpperCase()), " ",
    element("span", { class: "path" }, path), " ", operation.summary || "");
  const made = element("details", {}, head);
  const fill = () => {
    if (made.childElementCount > 1) return;
    made.append(requestForm(method, path, operation, schemas, session), statuses(operation.responses));
  };
  made.addEventListener("toggle", fill);
  made.open = path === "/v1/predict";
  if (made.open) fill();
  return made;
}

function statuses(responses) {
  const rows = Object.entries(responses).map(([status, response]) =>
    element("tr", {}, element("th", { scope: "row" }, status), element("td", {}, response.description)));
  return element("details", {}, element("summary", {}, "What each status means"),
    element("div", { class: "scroll" }, element("table", {}, element("tbody", {}, ...rows))));
}

async function show(session) {
  const page = document.getElementById("page");
  try {
    const reply = await fetch("openapi.json", { headers: session.key ? { "x-api-key": session.key } : {} });
    if (reply.status === 401 || reply.status === 403) return askForKey(page, Boolean(session.key));
    describe(page, await reply.json(), session);
  } catch (error) {
    page.replaceChildren(element("p", { role: "alert" }, `The description could not be read: ${error.message}`));
  }
}

function describe(page, api, session) {
  const { schemas } = api.components;
  document.title = `${api.info.title}: API`;
  const endpoints = Object.entries(api.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => endpoint(method, path, operation, schemas, session)));
  const about = element("p", {}, api.info.description);
  page.replaceChildren(element("h1", {}, ...breakable(api.info.title)), about, ...endpoints,
    ...table("A row", schemas.Row), ...table("A prediction", schemas.Predictions.properties.predictions.items));
}

show({ key: "" });
