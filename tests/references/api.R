# Reference numbers for tests/stats from R's package `survey` and its published examples
# (help pages ?api, ?svymean, ?svyratio, ?svyquantile, ?svyciprop, ?calibrate, ?postStratify, ?rake).
# Run from the repository's root:   Rscript tests/references/api.R
# Made with R 4.2.2 and survey 4.1-1 (Debian r-cran-survey). Prints one line per number set:
#   label | estimate standard-error low high df
# `Rscript tests/references/api.R csv` writes tests/references/api.csv instead: the columns the tests need of
# the package's samples of Californian schools (Academic Performance Index, public figures of the state).
suppressMessages(library(survey))
data(api)

if (identical(commandArgs(TRUE), "csv")) {
  pick <- function(d, name, fpc1, fpc2) data.frame(
    sample = name, stype = as.character(d$stype), dnum = d$dnum, snum = d$snum, pw = d$pw,
    fpc1 = d[[fpc1]], fpc2 = if (fpc2 == "") NA else d[[fpc2]], api00 = d$api00, api99 = d$api99,
    enroll = d$enroll, api_stu = d$api.stu, sch_wide = as.integer(d$sch.wide == "Yes"))
  all <- rbind(pick(apisrs, "srs", "fpc", ""), pick(apistrat, "strat", "fpc", ""),
               pick(apiclus1, "clus1", "fpc", ""), pick(apiclus2, "clus2", "fpc1", "fpc2"))
  write.csv(all, "tests/references/api.csv", row.names = FALSE, na = "", quote = FALSE)
  quit()
}

say <- function(label, estimate, se, ci, df) cat(label, "|", sprintf("%.15g", c(estimate, se, ci, df)), "\n")
show <- function(label, stat, df, i = 1) say(label, coef(stat)[i], SE(stat)[i], confint(stat, df = df)[i, ], df)
quant <- function(label, design, p, rule) {
  q <- svyquantile(~api00, design, p, qrule = rule)
  say(label, coef(q), SE(q), confint(q), degf(design))
}
prop <- function(label, design, method) {
  p <- svyciprop(~I(sch.wide == "Yes"), design, method = method)
  say(paste(label, method), coef(p), SE(p), confint(p), degf(design))
}

dsrs <- svydesign(id = ~1, fpc = ~fpc, data = apisrs)
show("srs mean", svymean(~api00, dsrs), degf(dsrs))
show("srs total", svytotal(~enroll, dsrs), degf(dsrs))
show("srs plain mean", svymean(~api00, svydesign(id = ~1, weights = ~1, data = apisrs)), 199)

dstrat <- svydesign(id = ~1, strata = ~stype, weights = ~pw, data = apistrat, fpc = ~fpc)
show("strat mean", svymean(~api00, dstrat), degf(dstrat))
show("strat total", svytotal(~enroll, dstrat), degf(dstrat))
show("strat ratio", svyratio(~api.stu, ~enroll, dstrat), degf(dstrat))
for (rule in c("math", "school")) for (p in c(.25, .5, .9)) quant(paste("strat quantile", p, rule), dstrat, p, rule)
for (m in c("xlogit", "logit", "beta")) prop("strat prop", dstrat, m)
dom <- subset(dstrat, sch.wide == "Yes")
show("strat domain mean", svymean(~api00, dom), degf(dom))
show("strat domain total", svytotal(~enroll, dom), degf(dom))
quant("strat domain quantile", dom, .5, "math")
contrast <- svyglm(api00 ~ sch.wide, dstrat)
say("strat difference", coef(contrast)[2], SE(contrast)[2], confint(contrast, ddf = degf(dstrat))[2, ], degf(dstrat))

dclus1 <- svydesign(id = ~dnum, weights = ~pw, data = apiclus1, fpc = ~fpc)
show("clus1 mean", svymean(~api00, dclus1), degf(dclus1))
show("clus1 total", svytotal(~enroll, dclus1), degf(dclus1))
show("clus1 ratio", svyratio(~api.stu, ~enroll, dclus1), degf(dclus1))
dom <- subset(dclus1, stype == "H")
show("clus1 domain mean", svymean(~api00, dom), degf(dom))
for (m in c("xlogit", "beta")) prop("clus1 domain prop", dom, m)
contrast <- svyglm(api00 ~ sch.wide, dclus1)
say("clus1 difference", coef(contrast)[2], SE(contrast)[2], confint(contrast, ddf = degf(dclus1))[2, ], degf(dclus1))

dclus2 <- svydesign(id = ~dnum + snum, fpc = ~fpc1 + fpc2, data = apiclus2)
show("clus2 mean", svymean(~api00, dclus2), degf(dclus2))
show("clus2 total", svytotal(~enroll, dclus2, na.rm = TRUE), degf(dclus2))
dom <- subset(dclus2, stype == "E")
show("clus2 domain mean", svymean(~api00, dom), degf(dom))
show("clus2 one stage mean",
     svymean(~api00, svydesign(id = ~dnum + snum, weights = ~pw, data = apiclus2)), degf(dclus2))

post <- postStratify(dclus1, ~stype, data.frame(stype = c("E", "H", "M"), Freq = c(4421, 755, 1018)))
show("post mean", svymean(~api00, post), degf(post))
show("post total", svytotal(~enroll, post), degf(post))
dom <- subset(post, sch.wide == "Yes")
show("post domain mean", svymean(~api00, dom), degf(dom))

linear <- calibrate(dclus1, ~stype + api99, c(`(Intercept)` = 6194, stypeH = 755, stypeM = 1018, api99 = 3914069))
show("linear mean", svymean(~api00, linear), degf(linear))
show("linear total", svytotal(~enroll, linear), degf(linear))
dom <- subset(linear, sch.wide == "Yes")
show("linear domain mean", svymean(~api00, dom), degf(dom))

margins <- c(`(Intercept)` = 6194, stypeH = 755, stypeM = 1018, sch.wideYes = 5122)
raked <- calibrate(dclus1, ~stype + sch.wide, margins, calfun = "raking", epsilon = 1e-13)
show("raked clus1 mean", svymean(~api00, raked), degf(raked))
show("raked clus1 total", svytotal(~enroll, raked), degf(raked))
show("raked clus1 ratio", svyratio(~api.stu, ~enroll, raked), degf(raked))
quant("raked clus1 quantile", raked, .5, "math")
dom <- subset(raked, api99 > 650)
show("raked clus1 domain mean", svymean(~api00, dom), degf(dom))
contrast <- svyglm(api00 ~ I(api99 > 650), raked)
say("raked clus1 difference", coef(contrast)[2], SE(contrast)[2], confint(contrast, ddf = degf(raked))[2, ], degf(raked))
cat("raked clus1 weights |", sprintf("%.15g", c(range(weights(raked)), sum(weights(raked)^2))), "\n")

# Starting weights that vary, where rake() and calibrate() part: the wrong regression shows here.
drow <- svydesign(id = ~1, weights = ~pw, data = apistrat)
raked <- calibrate(drow, ~stype + sch.wide, margins, calfun = "raking", epsilon = 1e-13)
show("raked rows mean", svymean(~api00, raked), degf(raked))
show("raked rows total", svytotal(~enroll, raked), degf(raked))
dom <- subset(raked, enroll > 500)
show("raked rows domain mean", svymean(~api00, dom), degf(dom))
for (m in c("xlogit", "beta")) {
  p <- svyciprop(~I(api00 > 700), raked, method = m)
  say(paste("raked rows prop", m), coef(p), SE(p), confint(p), degf(raked))
}
show("fixed rows mean", svymean(~api00, svydesign(id = ~1, weights = ~weights(raked), data = apistrat)), 199)
