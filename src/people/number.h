/* Telephone numbers as people write them. */
#ifndef PEOPLE_NUMBER_H
#define PEOPLE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* n bytes as E.164 ("+33180250194") or a short number of 2 to 8 digits, in
 * the arena; NULL: neither. Ten digits from 0 are French, those of Reunion,
 * Guadeloupe, Guiana and Martinique their own country's. */
const char	*number_read(struct arena *, const char *text, size_t n);

#endif
