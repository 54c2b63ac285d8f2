/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file drive_features.h
 * The features of GET CONFIGURATION as rows (mmc-spec 6.3). The list is the same with and without
 * a disc; only the current bits move (windows-spec b.5), and every additional length is a
 * multiple of 4 (windows-spec f.1).
 */
#ifndef DVDEMU_DRIVE_FEATURES_H
#define DVDEMU_DRIVE_FEATURES_H

#include "drive.h"

#define FEATURE_CONST_BYTES_MAX 8

enum feature_code {
    FEATURE_PROFILE_LIST = 0x0000,
    FEATURE_CORE = 0x0001,
    FEATURE_MORPHING = 0x0002,
    FEATURE_REMOVABLE_MEDIUM = 0x0003,
    FEATURE_RANDOM_READABLE = 0x0010,
    FEATURE_MULTI_READ = 0x001d,
    FEATURE_CD_READ = 0x001e,
    FEATURE_DVD_READ = 0x001f,
    FEATURE_POWER_MANAGEMENT = 0x0100,
    FEATURE_TIMEOUT = 0x0105,
    FEATURE_DVD_CSS = 0x0106,
    FEATURE_REAL_TIME_STREAMING = 0x0107,
    FEATURE_SERIAL_NUMBER = 0x0108,
    FEATURE_FIRMWARE_DATE = 0x010c,
};

enum feature_current {
    CURRENT_ALWAYS,
    CURRENT_WITH_DISC,
    CURRENT_WITH_CD,
    CURRENT_WITH_DVD,
    CURRENT_WITH_CSS
};

/** One feature: its data is either constant, `data`, or written by `build`. */
struct feature {
    uint16_t code; /**< enum feature_code */
    uint8_t version;
    bool persistent;
    uint8_t current; /**< enum feature_current */
    uint8_t data_bytes;
    uint8_t data[FEATURE_CONST_BYTES_MAX];
    void (*build)(const struct drive *d, struct datain *di); /**< NULL: `data` is all */
};

/** Rows in ascending order of their codes. */
extern const struct feature feature_rows[];
extern const size_t feature_row_count;

/** Requested type of GET CONFIGURATION. */
enum feature_request { FEATURES_ALL = 0, FEATURES_CURRENT = 1, FEATURES_ONE = 2 };

/** Whether its Current bit is set with the disc that is in. */
bool feature_is_current(const struct feature *feature, const struct drive *d);

/** Profile that the disc makes current; 0: none. */
uint16_t feature_current_profile(const struct drive *d);

/** Append the descriptors that a request for `first` asks for. */
void features_write(const struct drive *d, enum feature_request request, uint16_t first,
                    struct datain *di);

#endif
