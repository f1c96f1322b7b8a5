import { busy } from "../ui/act.js";
import { element, setText } from "../ui/dom.js";
import { field, input } from "../ui/form.js";
import { t } from "../ui/messages.js";
import { problemText } from "../ui/problem.js";
import { appearanceBar } from "./preferences.js";

/** The way in. Where the address leads is kept: after signing in, the reader is there. */
export function open({ account }) {
  const login = input({ name: "login", autocomplete: "username", required: true, autocapitalize: "none", spellcheck: false });
  const password = input({ name: "password", type: "password", autocomplete: "current-password", required: true });
  const message = element("p", { class: "signin-message", role: "alert" });
  const button = element("button", { class: "button primary signin-button", type: "submit" }, t("desk.signin.button"));
  const form = element("form", { class: "signin-form" },
    field(t("desk.signin.login"), login), field(t("desk.signin.password"), passwordRow(password)), message, button);
  form.onsubmit = (event) => {
    event.preventDefault();
    setText(message, "");
    busy(button, () => account.signIn({ login: login.value.trim(), password: password.value }), (problem) => refuse(problem, message, button));
  };
  const node = element("main", { class: "signin" }, art(), element("div", { class: "signin-side" }, brand(), heading(), form, appearanceBar()));
  return { node, show: () => login.focus() };
}

const brand = () => element("a", { class: "brand", href: "/" },
  element("img", { src: "/assets/icon.svg", alt: "", width: 22, height: 22 }), "Lumiere");

const heading = () => element("div", { class: "signin-head" },
  element("h1", { class: "signin-title" }, t("desk.signin.title")), element("p", { class: "signin-text" }, t("desk.signin.text")));

/** A window with light in it; nothing to load. */
const art = () => element("div", { class: "signin-art", "aria-hidden": "true" },
  element("span", { class: "signin-light" }), element("span", { class: "signin-light second" }),
    element("p", { class: "signin-word" }, t("desk.signin.word")));

function passwordRow(password) {
  const eye = element("button", { class: "button quiet small signin-eye", type: "button" }, t("desk.signin.show"));
  eye.onclick = () => {
    const isShown = password.type === "text";
    password.type = isShown ? "password" : "text";
    eye.textContent = t(isShown ? "desk.signin.show" : "desk.signin.hide");
  };
  return element("span", { class: "signin-password" }, password, eye);
}

function refuse(problem, message, button) {
  if (problem.status === 429 && problem.retryAfter) return wait(problem.retryAfter, message, button);
  setText(message, problemText(problem));
}

/** Too many attempts: it counts down, so nobody has to guess when to try again. */
function wait(seconds, message, button) {
  button.disabled = seconds > 0;
  setText(message, seconds > 0 ? t("desk.signin.wait", { count: seconds }) : "");
  if (seconds > 0 && button.isConnected) setTimeout(() => wait(seconds - 1, message, button), 1000);
}
