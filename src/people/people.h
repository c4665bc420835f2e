/*
 * People of a customer: accounts with their numbers, profiles of rights and
 * OnePass passwords.
 */
#ifndef PEOPLE_PEOPLE_H
#define PEOPLE_PEOPLE_H

#include "base/settings.h"

int	command_account(const struct settings *, int argc, char **argv);

#endif
