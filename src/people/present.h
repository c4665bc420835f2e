/*
 * What pages show of people, made from what the API answers. Pure: no
 * database, no request.
 */
#ifndef PEOPLE_PRESENT_H
#define PEOPLE_PRESENT_H

#include <jansson.h>

#include "base/arena.h"
#include "server/context.h"
#include "server/model.h"

/* "supervisor" in words. */
const char *profile_word(enum lang, const char *key);
/* "Ada Roux", in the arena. */
char	*account_name(struct arena *, const json_t *account);
/* The sites of a supervisor ("all" or [{name}]) in words, in the arena. */
char	*sites_words(const struct view *, struct arena *, const json_t *sites);

#endif
