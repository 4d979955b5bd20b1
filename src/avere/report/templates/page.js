"use strict";
const form = document.getElementById("filter");
const count = document.getElementById("count");
const empty = document.getElementById("empty");
const more = document.getElementById("more");
const PAGE = 6;
let shown = PAGE;
function fits(row, wanted) {
  return (!wanted.task || row.dataset.task === wanted.task)
    && (!wanted.kind || row.dataset.kind === wanted.kind)
    && (!wanted.fixed || row.dataset.fixed.includes(` ${wanted.fixed} `))
    && (!wanted.broken || row.dataset.broken.includes(` ${wanted.broken} `));
}
function show() {
  const wanted = Object.fromEntries(new FormData(form));
  const filtered = Object.values(wanted).some(Boolean);
  let clips = 0, questions = 0;
  for (const article of document.querySelectorAll(".case")) {
    let here = 0;
    for (const row of article.querySelectorAll(".row")) {
      row.hidden = !fits(row, wanted);
      here += row.hidden ? 0 : 1;
    }
    for (const rest of article.querySelectorAll("details")) {
      rest.hidden = !rest.querySelector(".row:not([hidden])");
      if (filtered && !rest.hidden) rest.open = true;
    }
    clips += here ? 1 : 0;
    questions += here;
    article.hidden = here === 0 || clips > shown;
  }
  empty.hidden = questions > 0;
  more.parentElement.hidden = clips <= shown;
  count.textContent = `${questions} questions on ${clips} clips`;
}
form.addEventListener("change", () => { shown = PAGE; show(); });
form.addEventListener("reset", () => setTimeout(() => { shown = PAGE; show(); }));
more.addEventListener("click", () => { shown += PAGE; show(); });
show();
