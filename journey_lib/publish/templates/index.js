(function () {
  "use strict";
  var tools = document.querySelector(".tools");
  var rows = Array.prototype.slice.call(document.querySelectorAll(".list li[data-stem]"));
  var folds = Array.prototype.slice.call(document.querySelectorAll(".list .more"));
  var count = document.getElementById("count");
  var nothing = document.getElementById("nothing");
  var fields = Array.prototype.slice.call(tools.querySelectorAll("input, select"));
  var searched = rows.map(function (row) { return row.textContent.toLowerCase(); });

  function fits(row, at) {
    return fields.every(function (field) {
      var wanted = field.value.trim();
      if (!wanted) { return true; }
      if (field.id === "words") { return searched[at].indexOf(wanted.toLowerCase()) > -1; }
      if (field.id === "since") { return row.dataset.since >= wanted; }
      return row.dataset[field.id].split("|").indexOf(wanted) > -1;
    });
  }

  function show() {
    var shown = rows.filter(function (row, at) {
      row.hidden = !fits(row, at);
      return !row.hidden;
    }).length;
    var narrowed = fields.some(function (field) { return field.value.trim(); });
    folds.forEach(function (fold) {
      var fold_shown = fold.querySelectorAll("li[data-stem]:not([hidden])").length;
      var details = fold.querySelector("details");
      fold.hidden = !fold_shown;
      details.open = narrowed ? true : details.dataset.open === "yes";
    });
    count.textContent = count.dataset.pattern.replace("{shown}", shown).replace("{all}", rows.length);
    nothing.hidden = shown > 0;
  }

  fields.forEach(function (field) { field.addEventListener("input", show); });
  tools.hidden = false;
  show();
})();
