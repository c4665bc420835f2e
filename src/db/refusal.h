/* Connections that the database refuses. */
#ifndef DB_REFUSAL_H
#define DB_REFUSAL_H

#include <stdbool.h>

/* Returns whether a failed connection is wrong rather than absent, which means
 * that another attempt will fail too. Connects once more. *why is then a
 * sentence that the caller frees. */
bool	refusal_final(const char *conninfo, char **why);

#endif
