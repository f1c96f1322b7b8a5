import { element } from "../ui/dom.js";
import { choice } from "../ui/form.js";
import { chooseLanguage, language, languages, t } from "../ui/messages.js";
import { chooseTheme, theme } from "../ui/theme.js";

const themes = ["system", "light", "dark"];

/** Language and appearance as two small lists. */
export function appearanceBar() {
  const tongues = choice(Object.entries(languages), language(), { class: "input small", onchange: () => chooseLanguage(tongues.value) });
  const looks = choice(themes.map((name) => [name, t(`common.${name}`)]), theme(),
    { class: "input small", onchange: () => chooseTheme(looks.value) });
  tongues.ariaLabel = t("common.language");
  looks.ariaLabel = t("common.appearance");
  return element("div", { class: "preferences" }, tongues, looks);
}

/** The same as entries of a menu. */
export const preferenceItems = () => [
  ...Object.entries(languages).map(([code, name]) => ({ label: name, checked: code === language(), act: () => chooseLanguage(code) })),
  null,
  ...themes.map((name) => ({ label: t(`common.${name}`), checked: name === theme(), act: () => chooseTheme(name) })),
];
