# R sae: Fay-Herriot by REML with mean squared errors. Needs R with the package sae (R_LIBS where it lies elsewhere).
# Rscript sae_fay_herriot.R areas.csv result.csv repeat precision
arguments <- commandArgs(trailingOnly = TRUE)
suppressPackageStartupMessages(library(sae))
areas <- read.csv(arguments[1])
times <- as.integer(arguments[3])
precision <- as.numeric(arguments[4])
call <- function() mseFH(y ~ x1 + x2 + x3, psi, method = "REML", PRECISION = precision, data = areas)
found <- call()
seconds <- sapply(seq_len(5), function(k) system.time(for (i in seq_len(times)) call())[["elapsed"]] / times)
write.csv(data.frame(eblup = found$est$eblup, mse = found$mse), arguments[2], row.names = FALSE)
cat(toString(packageVersion("sae")), median(seconds), found$est$fit$iterations, found$est$fit$refvar, "\n")
