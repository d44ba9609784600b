(function () {
  "use strict";
  var nav = document.querySelector(".segments");

  /* The section a reader looks at is kept: the other report has the same sections. */
  function here() {
    var at = "";
    Array.prototype.forEach.call(document.querySelectorAll("main h2[id]"), function (heading) {
      if (heading.getBoundingClientRect().top < 120) { at = heading.id; }
    });
    return at;
  }

  function keep(event) {
    var link = event.target.closest("a");
    if (link) { link.hash = here(); }
  }

  nav.addEventListener("click", keep);
  nav.addEventListener("auxclick", keep);
})();
