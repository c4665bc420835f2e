/*
 * Hardware addresses of telephones (EUI-48), as people and devices write
 * them.
 */
#ifndef TELEPHONY_MAC_H
#define TELEPHONY_MAC_H

#include <stdbool.h>

#define MAC_SIZE	13

/* "80:5E:C0:12:34:56", with - or . or nothing between the digits, becomes
 * "805ec0123456". false: it is none. */
bool	mac_read(const char *text, char mac[MAC_SIZE]);

#endif
