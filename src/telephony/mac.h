/* Reads the hardware addresses of telephones (EUI-48). */
#ifndef TELEPHONY_MAC_H
#define TELEPHONY_MAC_H

#include <stdbool.h>

#define MAC_SIZE	13

/*
 * Writes "80:5E:C0:12:34:56" as "805ec0123456", NUL-terminated. Between the
 * digits accepts ":", "-", "." or nothing. Returns false when text is no
 * address.
 */
bool	mac_read(const char *text, char mac[MAC_SIZE]);

#endif
