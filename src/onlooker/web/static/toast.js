// A sentence at the lower edge that says what was done, with one button that undoes it, for a while.

const STAYS = 10_000;

const shelf = document.getElementById("toasts");

/** act: what the button does; without it there is no button. */
export function toast(text, label = "", act = null) {
  const item = document.createElement("p");
  item.className = "toast";
  const said = document.createElement("span");
  said.textContent = text;
  item.append(said);
  const timer = setTimeout(() => item.remove(), STAYS);
  if (act) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", () => {
      clearTimeout(timer);
      item.remove();
      act();
    });
    item.append(button);
  }
  shelf.replaceChildren(...[...shelf.children].slice(-1), item);
}
