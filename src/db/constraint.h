/* What a constraint of the database noticed, as a sentence. */
#ifndef DB_CONSTRAINT_H
#define DB_CONSTRAINT_H

#include <libpq-fe.h>
#include <stdbool.h>

/* Writes a sentence about a value that the database refused. Returns false for
 * other errors. */
bool	constraint_sentence(const PGresult *, char *out, size_t size);

#endif
