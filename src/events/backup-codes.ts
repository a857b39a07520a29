// The part of the catalogue of codes that is about keeping: back-ups of a data folder, and legal holds.

/** Why a back-up is not made, or not taken; the data folder is as it was. */
export const BACKUP_CODES = {
  BACKUP_TARGET:
    'The back-up cannot be written there; name a folder or file that is not there yet, in a folder that this user may write.',
  BACKUP_SPACE: 'There is not enough room for the back-up; free some, or name a folder on another disk.',
  BACKUP_BUSY: 'Another back-up of this data folder is under way; wait for its end.',
  BACKUP_NO_ANSWER:
    'A process owns the data folder and takes no back-ups: a command that will end, a program that is still replaying or stopping, or an older build; wait, or stop it, and try again.',
  BACKUP_BROKEN_OFF:
    'The process that owns the data folder broke the back-up off, or ended; nothing of it is kept. See its log, and try again.',
  BACKUP_WAREHOUSE:
    'The warehouse could not be copied; see whether chDB answers (/readyz), or leave it out with --without-warehouse: it is then filled anew from the log.',
  BACKUP_UNSETTLED:
    'A crash cut an insert into the warehouse short; let fenghuo run --once put it right, then try again.',
  BACKUP_INCOMPLETE:
    'This is no whole back-up: it was broken off, or is none; take another one, or make it again.',
  BACKUP_DAMAGED:
    'The back-up is not as it was written; take another one, and look at the disk that it lay on.',
  BACKUP_MANIFEST: 'The manifest of the back-up is not as this program writes it; nothing is taken from it.',
  BACKUP_NEWER: 'The back-up was made by a newer build; restore it with that build or a newer one.',
  RESTORE_TARGET:
    'A back-up is restored only into a folder that is empty or not there yet; name another one with --data.',
  RESTORE_WAREHOUSE:
    'The warehouse of the back-up could not be brought in, and nothing was restored; see what is named, or leave it out with --without-warehouse: it is then filled anew from the log.',
} as const;

/** Why a legal hold is not ordered or ended, or what it keeps. */
export const HOLD_CODES = {
  HOLD_INVALID: 'The hold is not as it has to be; see what is named.',
  HOLD_LIMIT: 'There are as many legal holds as there may be; end those that nobody needs.',
  HOLD_UNKNOWN: 'No legal hold of that id is in force; see fenghuo hold list.',
  PERSONAL_HELD:
    'A legal hold keeps what is known of this person: nothing is erased before it ends (fenghuo hold list).',
} as const;
