# What the survey and psych packages of R packages give for answers.csv: run `Rscript make.R` in this folder.
# Seen with R 4.2.2, survey 4.1-1 and psych 2.2.9.
suppressMessages({library(survey); library(psych)})
answers <- read.csv("answers.csv", colClasses = c(street = "character"))
items <- c("A1", "A2", "A3", "B1")

designs <- list(
  strata = list(ids = ~1, strata = ~district),
  cluster = list(ids = ~street, strata = NULL),
  both = list(ids = ~street, strata = ~district)
)
draw <- function(rows, how) {
  svydesign(ids = how$ids, strata = how$strata, weights = ~weight, data = rows, nest = TRUE)
}

# Each town a domain of the whole table (svyby), and each town a sample of its own (svymean on its own rows).
estimate <- function(name, item, share) {
  rows <- answers
  rows$y <- if (share) as.numeric(rows[[item]] >= 3) else rows[[item]]
  whole <- svyby(~y, ~town, draw(rows, designs[[name]]), svymean, na.rm = TRUE)
  found <- lapply(as.character(whole$town), function(town) {
    design <- draw(rows[rows$town == town & !is.na(rows$y), ], designs[[name]])
    mean <- svymean(~y, design)
    bounds <- as.numeric(confint(mean, df = degf(design)))
    data.frame(design = name, item = item, share = share, town = town,
      n = sum(rows$town == town & !is.na(rows$y)), mean = as.numeric(coef(mean)),
      se_whole_table = as.numeric(SE(whole)[whole$town == town]), se_of_town = as.numeric(SE(mean)),
      degf = degf(design), t_low = bounds[1], t_high = bounds[2])
  })
  do.call(rbind, found)
}
options(survey.lonely.psu = "adjust")
rows <- list()
for (name in names(designs)) for (item in items) for (share in c(FALSE, TRUE)) {
  rows[[length(rows) + 1]] <- estimate(name, item, share)
}
number <- function(x) if (is.numeric(x)) format(x, digits = 17, trim = TRUE) else x
write.csv(as.data.frame(lapply(do.call(rbind, rows), number)), "designs.csv", row.names = FALSE, quote = FALSE)

# Items that run against the others are not turned here: A3 is turned by hand, as the test does.
scored <- answers[items[1:3]]
scored$A3 <- 5 - scored$A3
found <- suppressWarnings(psych::alpha(scored, check.keys = FALSE))
table <- data.frame(item = items[1:3], r_drop = found$item.stats$r.drop,
  alpha_drop = found$alpha.drop$raw_alpha, n = found$item.stats$n,
  alpha = found$total$raw_alpha, ase = found$total$ase)
write.csv(as.data.frame(lapply(table, number)), "alpha.csv", row.names = FALSE, quote = FALSE)

# The same without anyone who left an item open.
complete <- scored[complete.cases(scored), ]
found <- suppressWarnings(psych::alpha(complete, check.keys = FALSE))
table <- data.frame(item = items[1:3], r_drop = found$item.stats$r.drop,
  alpha_drop = found$alpha.drop$raw_alpha, n = found$item.stats$n,
  alpha = found$total$raw_alpha, ase = found$total$ase)
write.csv(as.data.frame(lapply(table, number)), "alpha_complete.csv", row.names = FALSE, quote = FALSE)


# Errors of a town by itself where the number of its people is known: svydesign with fpc, of those with an answer.
people <- read.csv("people.csv")
rows <- list()
for (weighted in c(FALSE, TRUE)) for (item in items) for (town in people$town) for (share in c(FALSE, TRUE)) {
  mine <- answers[answers$town == town & !is.na(answers[[item]]), ]
  mine$y <- if (share) as.numeric(mine[[item]] >= 3) else mine[[item]]
  mine$N <- people$N[people$town == town]
  if (!weighted) mine$weight <- 1
  design <- svydesign(ids = ~1, weights = ~weight, fpc = ~N, data = mine)
  mean <- svymean(~y, design)
  bounds <- as.numeric(confint(mean))
  rows[[length(rows) + 1]] <- data.frame(weighted = weighted, item = item, share = share, town = town, N = mine$N[1],
    n = nrow(mine), mean = as.numeric(coef(mean)), se = as.numeric(SE(mean)), low = bounds[1], high = bounds[2])
}
write.csv(as.data.frame(lapply(do.call(rbind, rows), number)), "population.csv", row.names = FALSE, quote = FALSE)
cat(R.version.string, as.character(packageVersion("survey")), as.character(packageVersion("psych")), "\n")
