"use strict";
const form = document.getElementById("filter");
const count = document.getElementById("count");
function fits(row, wanted) {
  return (!wanted.task || row.dataset.task === wanted.task)
    && (!wanted.kind || row.dataset.kind === wanted.kind)
    && (!wanted.fixed || row.dataset.fixed.includes(` ${wanted.fixed} `))
    && (!wanted.broken || row.dataset.broken.includes(` ${wanted.broken} `));
}
function show() {
  const wanted = Object.fromEntries(new FormData(form));
  let clips = 0, questions = 0;
  for (const article of document.querySelectorAll(".case")) {
    let here = 0;
    for (const row of article.querySelectorAll(".row")) {
      row.hidden = !fits(row, wanted);
      here += row.hidden ? 0 : 1;
    }
    article.hidden = here === 0;
    clips += here ? 1 : 0;
    questions += here;
  }
  count.textContent = `${questions} questions on ${clips} clips`;
}
form.addEventListener("change", show);
show();
