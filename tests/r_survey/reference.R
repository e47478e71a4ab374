# Reference results for tests/test_r_survey.py: Rscript reference.R FOLDER
# For each FOLDER/kind_seed.csv one line a number: case, name, value.
suppressMessages(library(survey))
options(warn = -1)
folder <- commandArgs(TRUE)[1]
say <- function(case, name, value) for (k in seq_along(value))
  cat(case, if (length(value) > 1) paste(name, k) else name, sprintf("%.17g", as.numeric(value[k])), sep = "\t", fill = TRUE)
told <- function(case, name, r) { say(case, paste(name, "est"), as.numeric(coef(r))); say(case, paste(name, "se"), as.numeric(SE(r))) }
design <- function(kind, d) switch(kind,
  simple = svydesign(~1, weights = ~w, data = d),
  strata = svydesign(~1, strata = ~h, weights = ~w, fpc = ~people, data = d),
  clusters = svydesign(~c, weights = ~w, data = d),
  both = svydesign(~c, strata = ~h, weights = ~w, fpc = ~units, nest = TRUE, data = d),
  lonely = svydesign(~c, strata = ~h, weights = ~w, nest = TRUE, data = d))
for (file in sort(list.files(folder, "csv$"))) {
  case <- sub("\\.csv$", "", file); kind <- sub("_.*", "", case)
  d <- read.csv(file.path(folder, file), stringsAsFactors = TRUE)
  options(survey.lonely.psu = if (kind == "lonely") "remove" else "fail")
  s <- design(kind, d)
  told(case, "mean", svymean(~y, s)); told(case, "total", svytotal(~y, s)); told(case, "share", svymean(~z, s))
  by <- svyby(~y, ~d, s, svymean); say(case, "domain est", coef(by)); say(case, "domain se", SE(by))
  told(case, "ratio", svyratio(~y, ~x, s))
  say(case, "median", coef(svyquantile(~y, s, 0.5, qrule = "math", ci = FALSE)))
  lin <- svyglm(y ~ x + g, s); say(case, "linear est", coef(lin)); say(case, "linear se", SE(lin))
  bin <- suppressWarnings(svyglm(z ~ x + g, s, family = quasibinomial()))
  say(case, "logistic est", coef(bin)); say(case, "logistic se", SE(bin))
  chi <- svychisq(~g + z, s, statistic = "F"); say(case, "chisq", c(chi$statistic, chi$p.value))
  t <- svyttest(y ~ z, s); say(case, "ttest", c(t$estimate, t$statistic, t$p.value))
  N <- sum(weights(s)); pop <- c(`(Intercept)` = N, gb = 0.3 * N, gc = 0.25 * N, sm = 0.45 * N)
  raked <- calibrate(s, ~g + s, pop, calfun = "raking", epsilon = 1e-13, maxit = 200)
  told(case, "raked mean", svymean(~y, raked)); told(case, "raked total", svytotal(~y, raked))
  by <- svyby(~y, ~d, raked, svymean); say(case, "raked domain est", coef(by)); say(case, "raked domain se", SE(by))
  greg <- calibrate(s, ~g + x, c(`(Intercept)` = N, gb = 0.3 * N, gc = 0.25 * N, x = 10.3 * N), calfun = "linear")
  told(case, "greg mean", svymean(~y, greg)); told(case, "greg total", svytotal(~y, greg))
  if (kind != "lonely") {
    r <- as.svrepdesign(s, type = if (kind %in% c("strata", "both")) "JKn" else "JK1")
    told(case, "jackknife", svymean(~y, r)); told(case, "jackknife ratio", svyratio(~y, ~x, r))
  }
}
cat("survey", "version", as.character(packageVersion("survey")), sep = "\t", fill = TRUE)
