# --- the answers and how they were drawn -------------------------------------------------------------------------

suppressMessages(library(survey))
options(survey.lonely.psu = lonely, survey.adjust.domain.lonely = lonely_domains)

table_of <- function(file, words) {
  found <- read.csv(file, encoding = "UTF-8", check.names = FALSE, na.strings = "", colClasses = "character")
  names(found)[1] <- sub("^[^A-Za-z]*", "", names(found)[1], useBytes = TRUE) # without the mark at the file's head
  numbers <- setdiff(names(found), words)
  found[numbers] <- lapply(found[numbers], as.numeric)
  found
}

answers <- table_of("answers.csv", in_words)
answers[questions] <- lapply(answers[questions], function(x) ifelse(x %in% no_answers, NA, x))
results <- table_of("results.csv", c("wave", "measure", "stat", "by", "level", "method", "suppressed", "caution", "guarded"))
results[c("by", "level")][is.na(results[c("by", "level")])] <- ""

units <- if ("psu" %in% names(answers)) ~psu else ~1
strata <- if ("stratum" %in% names(answers)) ~stratum else NULL
population <- if ("fpc" %in% names(answers)) ~fpc else NULL
design_of <- function(weights) svydesign(units, strata = strata, fpc = population, weights = weights, data = answers)

# --- weights: calibrated here once more to the same margins, so that the variance knows of it ------------------------

if (calibration == "none") {
  design <- design_of(~weight)
} else {
  margins <- table_of("margins_used.csv", c("variable", "category"))
  variables <- unique(margins$variable)
  of <- function(name) margins[margins$variable == name, ]
  numbers <- variables[sapply(variables, function(name) is.na(of(name)$category[1]))]
  classes <- Filter(function(name) nrow(of(name)) > 1, setdiff(variables, numbers))
  people <- if (length(setdiff(variables, numbers))) sum(of(setdiff(variables, numbers)[1])$target)
  for (name in classes) answers[[name]] <- factor(answers[[name]], levels = of(name)$category)
  totals <- c(people, unlist(lapply(c(classes, numbers), function(name) {
    if (name %in% numbers) of(name)$target else of(name)$target[-1]
  })))
  terms <- c(if (is.null(people)) "0" else "1", classes, numbers)
  margin_formula <- as.formula(paste("~", paste(terms, collapse = " + ")))
  if (calibration == "weights as downloaded") {
    # Their limits, or that they were cut off or made elsewhere, are taken from the file; the margins they were set to
    # are not forgotten. What was cut off keeps the calibration from before.
    factor <- if ("cal_factor" %in% names(answers)) answers$cal_factor else 1
    answers$base <- (if (start == "base") answers$base_weight else 1) * factor^2
    answers$base <- answers$base * sum(answers$weight) / sum(answers$base)
    answers$x <- model.matrix(margin_formula, answers) / factor
    given <- make.calfun(
      Fm1 = function(u, bounds) answers$weight / answers$base - 1,
      dF = function(u, bounds) rep(1, length(u)), name = "weights of the file"
    )
    design <- calibrate(design_of(~base), ~ 0 + x, unname(colSums(answers$x * answers$weight)), calfun = given)
  } else {
    answers$base <- if (start == "base") answers$base_weight else 1
    start_design <- design_of(~base)
    names(totals) <- colnames(model.matrix(margin_formula, answers))
    design <- calibrate(start_design, margin_formula, totals, calfun = calibration, epsilon = 1e-12, maxit = 500)
  }
}
apart <- max(abs(weights(design) / answers$weight - 1))
cat(sprintf("Largest relative difference of a weight: %.1e\n", apart))

# --- the figures, and how far they are from those that were downloaded ----------------------------------------------

figure <- function(measure, by, level) {
  who <- !is.na(answers[[measures[[measure]]]])
  if (by != "") who <- who & !is.na(answers[[groupings[[by]]]]) & answers[[groupings[[by]]]] == level
  part <- subset(design, who)
  found <- svymean(as.formula(paste("~", measures[[measure]])), part, na.rm = TRUE)
  df <- degf(part)
  est <- as.numeric(coef(found))
  se <- as.numeric(SE(found))
  c(est = est, se = se, lci = est - qt(0.975, df) * se, uci = est + qt(0.975, df) * se, n = sum(who), df = df)
}

shown <- results[is.na(results$suppressed) & tolower(results$guarded) == "false", ]
if (nrow(shown) > 0) {
  figures <- t(mapply(figure, shown$measure, shown$by, shown$level))
  rownames(figures) <- NULL
  printed <- data.frame(
    measure = shown$measure, where = ifelse(shown$by == "", "everyone", paste(shown$by, shown$level)),
    round(figures[, c("est", "se", "lci", "uci"), drop = FALSE], 3), n = figures[, "n"]
  )
  options(width = 200, max.print = 1e6)
  print(printed, row.names = FALSE)
  differences <- abs(figures - as.matrix(shown[, colnames(figures)]))
  cat("\nLargest difference from the downloaded figures, by column:\n")
  print(apply(differences, 2, max))
}
cat(sprintf(
  "%d figures compared, %d hidden, withheld or rounded ones left out. Largest difference: %.3e\n",
  nrow(shown), nrow(results) - nrow(shown), if (nrow(shown) > 0) max(differences) else 0
))

# --- replicate weights, if they were taken along -----------------------------------------------------------------------

if (!is.null(replicates)) {
  again <- svrepdesign(
    weights = ~weight, repweights = "rep_[0-9]+", type = "other", scale = replicates$scale,
    rscales = table_of("replicate_scales.csv", "replicate")$rscale, mse = replicates$mse, data = answers
  )
  cat("\nBy replicate weights, for everyone:\n")
  for (measure in names(measures)) {
    found <- svymean(as.formula(paste("~", measures[[measure]])), again, na.rm = TRUE)
    cat(sprintf("%s %.9f %.9f\n", measure, coef(found), SE(found)))
  }
}

# With srvyr the same design goes on:
#   library(srvyr)
#   as_survey(design) |> group_by(GROUP) |> summarise(survey_mean(SCORE, na.rm = TRUE, vartype = c("se", "ci")))
