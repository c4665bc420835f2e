/* Version of this release or of the next one. Changes:
 * conf/man/smartrecord-changes.7.scd */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define VERSION	"0.10.0"

#endif
