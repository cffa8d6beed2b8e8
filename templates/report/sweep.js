"use strict";
// Points answer to pointer and keyboard, and may be filtered by the options taken; the page is whole without this.
const tip = document.getElementById("tip");
const box = document.getElementById("sweep");
const form = document.getElementById("filter");
const rows = new Map();
for (const row of document.querySelectorAll("#points tbody tr")) {
  rows.set(Number(row.cells[0].textContent), row);
}
for (const dot of box.querySelectorAll("circle[data-trial]")) {
  const number = Number(dot.dataset.trial);
  const title = dot.querySelector("title");
  const said = title.textContent;
  title.remove(); // the tip says it at once
  dot.setAttribute("aria-label", said);
  const show = () => {
    tip.textContent = said;
    tip.hidden = false;
    const at = dot.getBoundingClientRect();
    const frame = box.getBoundingClientRect();
    const x = at.right - frame.left + 8;
    tip.style.left = (x + tip.offsetWidth > frame.width ? at.left - frame.left - tip.offsetWidth - 8 : x) + "px";
    tip.style.top = Math.max(0, at.top - frame.top - tip.offsetHeight / 2) + "px";
    dot.classList.add("lit");
    rows.get(number)?.classList.add("lit");
  };
  const hide = () => {
    tip.hidden = true;
    dot.classList.remove("lit");
    rows.get(number)?.classList.remove("lit");
  };
  for (const [event, act] of [["pointerenter", show], ["pointerleave", hide], ["focus", show], ["blur", hide]]) {
    dot.addEventListener(event, act);
  }
  dot.addEventListener("click", () => rows.get(number)?.scrollIntoView({ block: "center", behavior: "smooth" }));
}
form.hidden = false;
form.addEventListener("change", () => {
  const off = [...form.querySelectorAll("input:not(:checked)")];
  for (const [number, options] of points) {
    const out = off.some((input) => options[input.dataset.choice] === input.value);
    box.querySelector(`circle[data-trial="${number}"]`)?.classList.toggle("out", out);
    rows.get(number)?.classList.toggle("out", out);
  }
});
