/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a player does with a CSS disc, through the ioctls of Linux's own CD-ROM driver:
 *
 *   dvd_auth DEVICE DISC IMAGE WAY
 *
 * DISC describes what is in the drive, one fact a line (guest_test.sh writes it):
 *   blocks N | scrambled N | rmi XX | bca HEX | disc_key HEX | slot N HEX | extent LBA BLOCKS
 * CPR_MAI HEX IMAGE is the plain image, of which every sector is compared. WAY: qemu or initiator;
 * the first knows no residuals. The drive has to be as new: no region set. Prints "ok - WHAT" or
 * "not ok - WHAT: WHY" per step; exit 1 when a step failed, 2 for bad usage.
 */
#include "tests/support/host_css.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h> /* for linux/cdrom.h */
#include <linux/cdrom.h>
#include <linux/fs.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SECTOR_BYTES      HOST_CSS_SECTOR_BYTES
#define KEY_BYTES         HOST_CSS_KEY_BYTES
#define MAX_EXTENTS       256
#define MAX_BCA_BYTES     188
#define AGIDS             4
#define SCRAMBLED         0xf0 /* CPR_MAI */
#define PROTECTED         0x80
#define FLAG_OFFSET       0x14 /* of a pack: the scrambling bits */
#define FLAG_BITS         0x30
#define FIRST_SECTOR      0x30000 /* of the data area, in physical addresses */
#define NEW_VENDOR_RESETS 4
#define NEW_USER_CHANGES  5
#define SG_TIMEOUT_MS     10000

/* key << 16 | ASC << 8 | ASCQ (mmc-spec 3.4) */
#define SENSE_NOT_AUTHENTICATED 0x056f03
#define SENSE_REGION            0x056f04

struct extent {
    unsigned lba, blocks, cpr_mai;
    uint8_t title_key[KEY_BYTES], found_key[KEY_BYTES];
};

struct rig {
    int fd;
    bool residuals;
    unsigned blocks, scrambled, rmi, slot;
    uint8_t disc_key[KEY_BYTES], player_key[KEY_BYTES];
    struct extent extents[MAX_EXTENTS];
    size_t extent_count;
    uint8_t bca[MAX_BCA_BYTES];
    int bca_bytes;
    const char *image;
    /* of the handshake */
    uint8_t agid : 2;
    uint8_t bus_key[KEY_BYTES], found_disc_key[KEY_BYTES];
};

/* A step gives NULL when all was as it has to be, or the reason. */
typedef const char *step_fn(struct rig *rig);

static char why[256];

#define FAIL(...) (snprintf(why, sizeof(why), __VA_ARGS__), why)

/* ---- what is in the drive ---- */

/* How many bytes the text gives, `room` at most. */
static int hex_bytes(const char *text, uint8_t *bytes, int room)
{
    int count = 0;

    while (count < room && sscanf(text + 2 * count, "%2hhx", &bytes[count]) == 1) {
        count++;
    }
    return count;
}

static bool hex_key(const char *text, uint8_t key[static KEY_BYTES])
{
    return hex_bytes(text, key, KEY_BYTES) == KEY_BYTES;
}

static bool read_fact(struct rig *rig, const char *line)
{
    struct extent *e = &rig->extents[rig->extent_count];
    char hex[2 * KEY_BYTES + 1];

    if (sscanf(line, "blocks %u", &rig->blocks) == 1 || sscanf(line, "rmi %x", &rig->rmi) == 1 ||
        sscanf(line, "scrambled %u", &rig->scrambled) == 1) {
        return true;
    }
    if (strncmp(line, "bca ", 4) == 0) {
        rig->bca_bytes = hex_bytes(line + 4, rig->bca, MAX_BCA_BYTES);
        return rig->bca_bytes > 0;
    }
    if (sscanf(line, "disc_key %10s", hex) == 1) {
        return hex_key(hex, rig->disc_key);
    }
    if (sscanf(line, "slot %u %10s", &rig->slot, hex) == 2) {
        return hex_key(hex, rig->player_key);
    }
    if (rig->extent_count + 1 < MAX_EXTENTS &&
        sscanf(line, "extent %u %u %x %10s", &e->lba, &e->blocks, &e->cpr_mai, hex) == 4) {
        rig->extent_count++;
        return hex_key(hex, e->title_key);
    }
    return false;
}

static bool read_disc(struct rig *rig, const char *path)
{
    char line[3 * MAX_BCA_BYTES];
    FILE *file = fopen(path, "re");
    bool ok = file != NULL;

    while (ok && fgets(line, sizeof(line), file)) {
        ok = read_fact(rig, line);
        if (!ok) {
            fprintf(stderr, "dvd_auth: %s: %s", path, line);
        }
    }
    if (file) {
        fclose(file);
    }
    return ok;
}

static struct extent *first_scrambled(struct rig *rig)
{
    for (size_t i = 0; i < rig->extent_count; i++) {
        if (rig->extents[i].cpr_mai == SCRAMBLED) {
            return &rig->extents[i];
        }
    }
    return NULL;
}

static const struct extent *extent_at(const struct rig *rig, unsigned lba)
{
    for (size_t i = 0; i < rig->extent_count; i++) {
        if (lba - rig->extents[i].lba < rig->extents[i].blocks) {
            return &rig->extents[i];
        }
    }
    return NULL;
}

/* ---- commands as they are, for the sense that an ioctl does not tell ---- */

struct raw_result {
    unsigned status, sense;
    int residual_bytes;
};

static struct raw_result raw_read(const struct rig *rig, const uint8_t *cdb, uint8_t cdb_bytes,
                                  void *data, unsigned bytes)
{
    uint8_t sense[32] = {0}, command[12];
    struct sg_io_hdr io = {
        .interface_id = 'S',
        .dxfer_direction = bytes ? SG_DXFER_FROM_DEV : SG_DXFER_NONE,
        .cmd_len = cdb_bytes,
        .mx_sb_len = sizeof(sense),
        .dxfer_len = bytes,
        .dxferp = data,
        .cmdp = command,
        .sbp = sense,
        .timeout = SG_TIMEOUT_MS,
    };

    memcpy(command, cdb, cdb_bytes);
    if (ioctl(rig->fd, SG_IO, &io) != 0) {
        return (struct raw_result){.status = 0xff};
    }
    return (struct raw_result){
        .status = io.status,
        .sense = (sense[2] & 0xfu) << 16 | (unsigned)sense[12] << 8 | sense[13],
        .residual_bytes = io.resid,
    };
}

static int auth(const struct rig *rig, dvd_authinfo *info, uint8_t type)
{
    info->type = type;
    return ioctl(rig->fd, DVD_AUTH, info);
}

static bool invalidate(const struct rig *rig)
{
    dvd_authinfo a = {.lsa = {.agid = rig->agid}};

    return auth(rig, &a, DVD_INVALIDATE_AGID) == 0;
}

static bool read_sectors(const struct rig *rig, unsigned lba, unsigned count, void *data)
{
    const size_t bytes = (size_t)count * SECTOR_BYTES;

    return pread(rig->fd, data, bytes, (off_t)lba * SECTOR_BYTES) == (ssize_t)bytes;
}

/* ---- before the handshake ---- */

static const char *a_dvd_drive_to_the_kernel(struct rig *rig)
{
    int bits = ioctl(rig->fd, CDROM_GET_CAPABILITY, 0);
    int drive = ioctl(rig->fd, CDROM_DRIVE_STATUS, CDSL_CURRENT);
    int disc = ioctl(rig->fd, CDROM_DISC_STATUS, 0);

    if (bits < 0 || !(bits & CDC_DVD)) {
        return FAIL("capability 0x%x", (unsigned)bits);
    }
    if (drive != CDS_DISC_OK || disc != CDS_DATA_1) {
        return FAIL("drive status %d, disc status %d", drive, disc);
    }
    return NULL;
}

static const char *table_of_contents_and_size(struct rig *rig)
{
    struct cdrom_tocentry lead_out = {.cdte_track = CDROM_LEADOUT, .cdte_format = CDROM_LBA};
    struct cdrom_tochdr header;
    unsigned long long bytes;
    long last;

    if (ioctl(rig->fd, CDROMREADTOCHDR, &header) != 0 ||
        ioctl(rig->fd, CDROMREADTOCENTRY, &lead_out) != 0 ||
        ioctl(rig->fd, CDROM_LAST_WRITTEN, &last) != 0 ||
        ioctl(rig->fd, BLKGETSIZE64, &bytes) != 0) {
        return strerror(errno);
    }
    if (header.cdth_trk0 != 1 || header.cdth_trk1 != 1) {
        return FAIL("tracks %d to %d", header.cdth_trk0, header.cdth_trk1);
    }
    if ((unsigned)lead_out.cdte_addr.lba != rig->blocks || last != (long)rig->blocks ||
        bytes != (unsigned long long)rig->blocks * SECTOR_BYTES) {
        return FAIL("lead-out at %d, last written %ld, %llu bytes", lead_out.cdte_addr.lba, last,
                    bytes);
    }
    return NULL;
}

static const char *structure_physical(struct rig *rig)
{
    dvd_struct s = {.physical = {.type = DVD_STRUCT_PHYSICAL}};
    const struct dvd_layer *layer = &s.physical.layer[0];

    if (ioctl(rig->fd, DVD_READ_STRUCT, &s) != 0) {
        return strerror(errno);
    }
    if (layer->book_type != 0 || layer->nlayers != 0 || layer->track_path != 0 || layer->bca != 1) {
        return FAIL("book type %d, layers %d, path %d, BCA %d", layer->book_type, layer->nlayers,
                    layer->track_path, layer->bca);
    }
    if (layer->start_sector != FIRST_SECTOR ||
        layer->end_sector != FIRST_SECTOR + rig->blocks - 1 || layer->end_sector_l0 != 0) {
        return FAIL("0x%x to 0x%x, layer 0 to 0x%x", layer->start_sector, layer->end_sector,
                    layer->end_sector_l0);
    }
    memset(&s, 0, sizeof(s));
    s.physical.layer_num = 1;
    return ioctl(rig->fd, DVD_READ_STRUCT, &s) == 0 ? "layer 1 of a disc with one layer" : NULL;
}

static const char *structure_copyright(struct rig *rig)
{
    dvd_struct s = {.copyright = {.type = DVD_STRUCT_COPYRIGHT}};

    if (ioctl(rig->fd, DVD_READ_STRUCT, &s) != 0) {
        return strerror(errno);
    }
    if (s.copyright.cpst != 1 || s.copyright.rmi != rig->rmi) {
        return FAIL("protection %d, regions 0x%02x", s.copyright.cpst, s.copyright.rmi);
    }
    return NULL;
}

static const char *structure_manufacturer(struct rig *rig)
{
    dvd_struct s = {.manufact = {.type = DVD_STRUCT_MANUFACT}};

    if (ioctl(rig->fd, DVD_READ_STRUCT, &s) != 0) {
        return strerror(errno);
    }
    return s.manufact.len == SECTOR_BYTES ? NULL : FAIL("%d bytes", s.manufact.len);
}

/* Linux gives the reply's data length as it is, with the two reserved bytes of the header in it. */
static const char *structure_bca(struct rig *rig)
{
    dvd_struct s = {.bca = {.type = DVD_STRUCT_BCA}};

    if (ioctl(rig->fd, DVD_READ_STRUCT, &s) != 0) {
        return strerror(errno);
    }
    if (s.bca.len != rig->bca_bytes + 2) {
        return FAIL("data length %d", s.bca.len);
    }
    return memcmp(s.bca.value, rig->bca, (size_t)rig->bca_bytes) ? "other bytes" : NULL;
}

static const char *locked_before_authentication(struct rig *rig)
{
    static uint8_t sector[SECTOR_BYTES] __attribute__((aligned(4096)));
    const struct extent *e = first_scrambled(rig);
    uint8_t read_10[10] = {0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0};
    dvd_struct s = {.disckey = {.type = DVD_STRUCT_DISCKEY}};
    dvd_authinfo a = {0};
    struct raw_result got;

    if (!e || auth(rig, &a, DVD_LU_SEND_ASF) != 0 || a.lsasf.asf) {
        return "no scrambled sector to try, or ASF set";
    }
    if (ioctl(rig->fd, DVD_READ_STRUCT, &s) == 0) {
        return "a disc key for anybody";
    }
    if (read_sectors(rig, e->lba, 1, sector)) {
        return "a scrambled sector for anybody";
    }
    read_10[4] = (uint8_t)(e->lba >> 8);
    read_10[5] = (uint8_t)e->lba;
    got = raw_read(rig, read_10, sizeof(read_10), sector, sizeof(sector));
    return got.sense == SENSE_NOT_AUTHENTICATED
               ? NULL
               : FAIL("status 0x%02x, sense %06x", got.status, got.sense);
}

/* ---- the handshake ---- */

static const char *all_agids_and_no_more(struct rig *rig)
{
    dvd_authinfo a = {0};

    for (unsigned i = 0; i < AGIDS; i++) { /* what another program left; may fail */
        a.lsa.agid = i & 3;
        auth(rig, &a, DVD_INVALIDATE_AGID);
    }
    for (unsigned i = 0; i < AGIDS; i++) {
        if (auth(rig, &a, DVD_LU_SEND_AGID) != 0 || a.lsa.agid != i) {
            return FAIL("AGID %d instead of %u", a.lsa.agid, i);
        }
    }
    if (auth(rig, &a, DVD_LU_SEND_AGID) == 0) {
        return "a fifth AGID";
    }
    for (unsigned i = 0; i < AGIDS; i++) {
        a.lsa.agid = i & 3;
        if (auth(rig, &a, DVD_INVALIDATE_AGID) != 0) {
            return strerror(errno);
        }
    }
    return NULL;
}

/* Both challenges; leaves KEY1, checked, and KEY2, not sent yet. */
static const char *challenges(struct rig *rig, uint8_t key2[static KEY_BYTES])
{
    uint8_t challenge[HOST_CSS_CHALLENGE_BYTES], key1[KEY_BYTES];
    dvd_authinfo a = {0};
    int variant;

    if (auth(rig, &a, DVD_LU_SEND_AGID) != 0) {
        return FAIL("AGID: %s", strerror(errno));
    }
    rig->agid = a.lsa.agid;
    for (size_t i = 0; i < sizeof(challenge); i++) {
        challenge[i] = (uint8_t)(0xa0 + 7 * i);
    }
    a = (dvd_authinfo){.hsc = {.agid = rig->agid}};
    memcpy(a.hsc.chal, challenge, sizeof(challenge));
    if (auth(rig, &a, DVD_HOST_SEND_CHALLENGE) != 0 || a.type != DVD_LU_SEND_KEY1) {
        return FAIL("challenge: %s", strerror(errno));
    }
    a = (dvd_authinfo){.lsk = {.agid = rig->agid}};
    if (auth(rig, &a, DVD_LU_SEND_KEY1) != 0) {
        return FAIL("KEY1: %s", strerror(errno));
    }
    memcpy(key1, a.lsk.key, sizeof(key1));
    variant = host_css_find_variant(challenge, key1);
    if (variant < 0) {
        return "KEY1 of no genuine drive";
    }
    a = (dvd_authinfo){.lsc = {.agid = rig->agid}};
    if (auth(rig, &a, DVD_LU_SEND_CHALLENGE) != 0) {
        return FAIL("the drive's challenge: %s", strerror(errno));
    }
    host_css_key2((unsigned)variant, a.lsc.chal, key2);
    host_css_bus_key((unsigned)variant, key1, key2, rig->bus_key);
    return NULL;
}

static const char *handshake(struct rig *rig)
{
    uint8_t key2[KEY_BYTES];
    const char *reason = challenges(rig, key2);
    dvd_authinfo a = {0};

    if (reason) {
        return reason;
    }
    a.hsk.agid = rig->agid;
    memcpy(a.hsk.key, key2, sizeof(key2));
    if (auth(rig, &a, DVD_HOST_SEND_KEY2) != 0 || a.type != DVD_AUTH_ESTABLISHED) {
        return FAIL("KEY2: %s, type %d", strerror(errno), a.type);
    }
    return NULL;
}

static const char *wrong_key2_fails(struct rig *rig)
{
    uint8_t key2[KEY_BYTES];
    const char *reason = challenges(rig, key2);
    dvd_authinfo a = {0};

    if (reason) {
        return reason;
    }
    a.hsk.agid = rig->agid;
    memcpy(a.hsk.key, key2, sizeof(key2));
    a.hsk.key[2] ^= 1;
    if (auth(rig, &a, DVD_HOST_SEND_KEY2) == 0) {
        return "it is taken"; /* the kernel keeps DVD_AUTH_FAILURE to itself */
    }
    a = (dvd_authinfo){.lsc = {.agid = rig->agid}};
    return auth(rig, &a, DVD_LU_SEND_CHALLENGE) == 0 ? "the AGID is still good" : NULL;
}

/* ---- regions ---- */

static const char *rpc_state_is(const struct rig *rig, unsigned type, unsigned changes,
                                unsigned mask)
{
    dvd_authinfo a = {0};

    if (auth(rig, &a, DVD_LU_SEND_RPC_STATE) != 0) {
        return strerror(errno);
    }
    if (a.lrpcs.type != type || a.lrpcs.vra != NEW_VENDOR_RESETS || a.lrpcs.ucca != changes ||
        a.lrpcs.region_mask != mask || a.lrpcs.rpc_scheme != 1) {
        return FAIL("type %d, %d resets, %d changes, mask 0x%02x, scheme %d", a.lrpcs.type,
                    a.lrpcs.vra, a.lrpcs.ucca, a.lrpcs.region_mask, a.lrpcs.rpc_scheme);
    }
    return NULL;
}

static const char *no_region_no_title_key(struct rig *rig)
{
    const char *reason = rpc_state_is(rig, 0, NEW_USER_CHANGES, 0xff);
    const struct extent *e = first_scrambled(rig);
    uint8_t reply[12], report_key[12] = {0xa4};
    struct raw_result got;

    reason = reason ? reason : handshake(rig);
    if (reason || !e) {
        return reason;
    }
    report_key[4] = (uint8_t)(e->lba >> 8);
    report_key[5] = (uint8_t)e->lba;
    report_key[9] = sizeof(reply);
    report_key[10] = (uint8_t)(rig->agid << 6 | 4);
    got = raw_read(rig, report_key, sizeof(report_key), reply, sizeof(reply));
    if (got.sense != SENSE_REGION) {
        return FAIL("status 0x%02x, sense %06x", got.status, got.sense);
    }
    return invalidate(rig) ? NULL : "the AGID is gone";
}

static const char *the_disc_s_region_is_set(struct rig *rig)
{
    dvd_authinfo a = {.hrpcs = {.pdrc = (uint8_t)rig->rmi}};

    if (auth(rig, &a, DVD_HOST_SEND_RPC_STATE) != 0) {
        return strerror(errno);
    }
    return rpc_state_is(rig, 1, NEW_USER_CHANGES - 1, rig->rmi);
}

/* ---- keys and sectors ---- */

/* Sending a key ends the AGID (mmc-spec 2.3), so each one takes a handshake. */
static const char *disc_key_of_a_player_key(struct rig *rig)
{
    dvd_struct s = {.disckey = {.type = DVD_STRUCT_DISCKEY}};
    const char *reason = handshake(rig);

    if (reason) {
        return reason;
    }
    s.disckey.agid = rig->agid;
    if (ioctl(rig->fd, DVD_READ_STRUCT, &s) != 0) {
        return strerror(errno);
    }
    host_css_clear(s.disckey.value, sizeof(s.disckey.value), rig->bus_key);
    if (!host_css_disc_key(s.disckey.value, rig->slot, rig->player_key, rig->found_disc_key)) {
        return "the check entry refuses what the player key gives";
    }
    return memcmp(rig->found_disc_key, rig->disc_key, KEY_BYTES) ? "not the disc's key" : NULL;
}

/* Leaves the key in the extent. */
static const char *title_key_of(const struct rig *rig, struct extent *e)
{
    dvd_authinfo a = {.lstk = {.agid = rig->agid, .lba = (int)e->lba}};

    if (auth(rig, &a, DVD_LU_SEND_TITLE_KEY) != 0) {
        return strerror(errno);
    }
    if (a.lstk.cpm != 1 || a.lstk.cp_sec != (e->cpr_mai >> 6 & 1u) ||
        a.lstk.cgms != (e->cpr_mai >> 4 & 3u)) {
        return FAIL("CPM %d, CP_SEC %d, CGMS %d", a.lstk.cpm, a.lstk.cp_sec, a.lstk.cgms);
    }
    host_css_clear(a.lstk.title_key, KEY_BYTES, rig->bus_key);
    host_css_title_key(rig->found_disc_key, a.lstk.title_key, e->found_key);
    return memcmp(e->found_key, e->title_key, KEY_BYTES) ? "not the title's key" : NULL;
}

static const char *all_title_keys(struct rig *rig)
{
    unsigned keys = 0;

    for (size_t i = 0; i < rig->extent_count; i++) {
        struct extent *e = &rig->extents[i];

        if (e->cpr_mai & PROTECTED) {
            const char *reason = handshake(rig);

            reason = reason ? reason : title_key_of(rig, e);
            if (reason) {
                return reason;
            }
            keys++;
        }
    }
    return keys ? NULL : "none on the disc";
}

/* Descrambles with the key that was found; the flag bits are zero in the plain image. */
static bool equals_plain(const struct rig *rig, unsigned lba, uint8_t *sector, const uint8_t *plain,
                         unsigned *descrambled)
{
    const struct extent *e = extent_at(rig, lba);

    if (e && e->cpr_mai == SCRAMBLED && sector[FLAG_OFFSET] & FLAG_BITS) {
        if (memcmp(sector + SECTOR_BYTES / 2, plain + SECTOR_BYTES / 2, SECTOR_BYTES / 2) == 0) {
            return false; /* flagged, and not scrambled at all */
        }
        host_css_descramble(sector, e->found_key);
        sector[FLAG_OFFSET] &= (uint8_t)~FLAG_BITS;
        ++*descrambled;
    }
    return memcmp(sector, plain, SECTOR_BYTES) == 0;
}

static const char *every_sector_equals_the_image(struct rig *rig)
{
    static uint8_t sector[SECTOR_BYTES] __attribute__((aligned(4096)));
    uint8_t plain[SECTOR_BYTES];
    FILE *image = fopen(rig->image, "re");
    unsigned descrambled = 0;
    const char *reason = NULL;

    if (!image) {
        return strerror(errno);
    }
    for (unsigned lba = 0; lba < rig->blocks && !reason; lba++) {
        if (fread(plain, sizeof(plain), 1, image) != 1) {
            reason = FAIL("%s: shorter than the disc", rig->image);
        } else if (!read_sectors(rig, lba, 1, sector)) {
            reason = FAIL("LBA %u: %s", lba, strerror(errno));
        } else if (!equals_plain(rig, lba, sector, plain, &descrambled)) {
            reason = FAIL("LBA %u differs", lba);
        }
    }
    fclose(image);
    if (!reason && (descrambled == 0 || descrambled != rig->scrambled)) {
        reason = FAIL("%u sectors scrambled, %u minted", descrambled, rig->scrambled);
    }
    return reason;
}

static const char *asf_and_an_end(struct rig *rig)
{
    const char *reason;
    dvd_authinfo a = {0};

    if (auth(rig, &a, DVD_LU_SEND_ASF) != 0 || !a.lsasf.asf) {
        return "ASF is not set";
    }
    reason = handshake(rig);
    if (reason) {
        return reason;
    }
    if (!invalidate(rig)) {
        return strerror(errno);
    }
    return title_key_of(rig, first_scrambled(rig)) ? NULL : "the AGID is still good";
}

static const char *short_answers_say_how_short(struct rig *rig)
{
    static const uint8_t report_key[12] = {0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 64, 8, 0};
    const int expected = rig->residuals ? 64 - 8 : 0; /* QEMU's driver always says 0 */
    uint8_t reply[64];
    struct raw_result got = raw_read(rig, report_key, sizeof(report_key), reply, sizeof(reply));

    if (got.status != 0 || got.residual_bytes != expected) {
        return FAIL("status 0x%02x, residual %d", got.status, got.residual_bytes);
    }
    return NULL;
}

/* ---- all of it ---- */

/* clang-format off */
static const struct {
    step_fn *run;
    const char *what;
} steps[] = {
    {a_dvd_drive_to_the_kernel,     "sr takes it for a DVD drive with a data disc"},
    {table_of_contents_and_size,    "table of contents, last block, size"},
    {structure_physical,            "DVD_READ_STRUCT physical, and no layer 1"},
    {structure_copyright,           "DVD_READ_STRUCT copyright: CSS and the disc's regions"},
    {structure_manufacturer,        "DVD_READ_STRUCT manufacturer"},
    {structure_bca,                 "DVD_READ_STRUCT BCA"},
    {locked_before_authentication,  "ASF 0: no disc key, no scrambled sector (05/6F/03)"},
    {all_agids_and_no_more,         "four AGIDs, no fifth, all given back"},
    {wrong_key2_fails,              "a wrong KEY2 is refused and ends the AGID"},
    {no_region_no_title_key,        "no region set: handshake good, title key refused (05/6F/04)"},
    {the_disc_s_region_is_set,      "DVD_HOST_SEND_RPC_STATE sets the region, one change used"},
    {disc_key_of_a_player_key,      "DVD_AUTH handshake, disc key: bus key off, a player key opens its slot"},
    {all_title_keys,                "handshake and title key for every title: bus key off, decrypted, as minted"},
    {every_sector_equals_the_image, "every sector, descrambled, equals the plain image"},
    {asf_and_an_end,                "ASF 1; an invalidated AGID is worth nothing"},
    {short_answers_say_how_short,   "residual of a short answer"},
};
/* clang-format on */

int main(int argc, char **argv)
{
    static struct rig rig;
    int failed = 0;

    if (argc != 5 || !read_disc(&rig, argv[2])) {
        fprintf(stderr, "usage: dvd_auth DEVICE DISC IMAGE qemu|initiator\n");
        return 2;
    }
    rig.image = argv[3];
    rig.residuals = strcmp(argv[4], "initiator") == 0;
    rig.fd = open(argv[1], O_RDONLY | O_DIRECT | O_CLOEXEC);
    if (rig.fd < 0) {
        printf("not ok - %s opens: %s\n", argv[1], strerror(errno));
        return 1;
    }
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        const char *reason = steps[i].run(&rig);

        failed += reason != NULL;
        printf("%s - %s%s%s\n", reason ? "not ok" : "ok", steps[i].what, reason ? ": " : "",
               reason ? reason : "");
        fflush(stdout);
    }
    close(rig.fd);
    return failed != 0;
}
