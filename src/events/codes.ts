// The catalogue of error and reason codes: every refusal, limit and operator alert names one of these.
import { BACKTEST_CODES } from './backtest-codes.js';
import { BACKUP_CODES, HOLD_CODES } from './backup-codes.js';
import { CATALOGUE_CODES } from './catalogue-codes.js';
import { EXPRESSION_CODES } from './expression-codes.js';
import { MODEL_CODES } from './model-codes.js';
import { SERVER_CODES } from './server-codes.js';

/** Code to the sentence that explains it and says what to do next. */
export const CODES = {
  // Arrival: why an event is refused. The dead-letter log keeps the original bytes.
  BODY_TOO_LARGE: 'The request body is over the limit; send fewer events per request.',
  BODY_NOT_JSON: 'The body or line is not JSON; send CloudEvents as JSON, a JSON array or NDJSON.',
  EVENT_ENVELOPE: 'The CloudEvents envelope is incomplete or malformed; see the field named.',
  EVENT_UNKNOWN_STREAM: 'The type is not fenghuo.<stream> of a known stream.',
  EVENT_DATA: 'The data does not fit the schema of its stream; see the field named.',
  EVENT_NO_KEY: 'The event names neither subject, device nor place; nothing can be supervised by it.',
  EVENT_USCC: 'The unified social credit code fails its check digit (GB 32100-2015).',
  EVENT_FUTURE: 'The event is dated more than five minutes after its arrival; check the sender clock.',
  EVENT_TOO_OLD: 'The reading is more than an hour old on arrival and is not marked as backfill.',
  EVENT_NUMBER: 'A whole number beyond 2^53 cannot be kept exactly; send identifiers as strings.',
  EVENT_NOT_REVOCABLE: 'Events of this stream cannot be revoked or amended.',
  RECORD_FORMAT:
    'A record of a log is damaged or was written by a newer build; restore it, or start that build.',
  // Rules: expressions, the catalogue, models and their tests.
  ...EXPRESSION_CODES,
  ...CATALOGUE_CODES,
  ...MODEL_CODES,

  // Stores: why the data folder, a log or a checkpoint refuses. Nothing of a refused write is kept.
  DATA_FOLDER_IN_USE:
    'The data folder belongs to another running process; stop that one or name another folder.',
  DATA_FOLDER: 'The data folder cannot be used; mend what is named, or name another folder with --data.',
  STORE_CLOSED: 'The store is closed.',
  STORE_BUSY: 'Too many writes are waiting for the disk; wait for earlier ones before sending more.',
  STORE_FULL: 'There is no room left for the data; free disk space or raise the limit, then try again.',
  STORE_UNREACHABLE:
    'The server of the store does not answer or refuses; what was on its way may have happened.',
  STORE_SHARED:
    'Another process appends to the same partition of a log, so that what belongs together did not stay so; let one process at a time write it.',
  STORE_WRITE_FAILED: 'The disk refused a write, of which nothing is kept; check its space and health.',
  STORE_DAMAGED: 'Stored data cannot be read back; restore the data folder from a copy.',
  STORE_KEY: 'A key or name is not acceptable to the store.',
  STORE_RANGE: 'A number handed to the store is out of range.',
  STORE_TOO_LARGE: 'A value or batch is over the limit of the store; split it.',
  RECORD_EMPTY:
    'A record of a topic has no value, as its sender writes where a key is gone; to take an event back, send one that revokes it.',
  RECORD_NOT_UTF8:
    'The value of a record holds bytes that are not UTF-8; its sender must write JSON in UTF-8.',
  RECORD_NOT_ROWS:
    'The value of a record is neither a JSON object nor an array of them, which the mapping of the topic reads.',
  ...BACKUP_CODES,
  ...HOLD_CODES,
  DEAD_LETTER_ABSENT: 'There is no dead letter at this place; see fenghuo dead-letters list.',
  DEAD_LETTER_DELIVERY:
    'The dead letter stands for a delivery that was given up, and has no original; its message says why.',
  DEAD_LETTER_GONE: 'The original of the dead letter was erased from the vault and cannot be read again.',
  REPLAY_UNFINISHED:
    'The data folder has not replayed all of its source; let fenghuo run do so before anything else comes into its log.',
  FEED_GAP:
    'Records of a topic were deleted before they were read; keep them longer, and have their sender send them again.',
  FEED_DAMAGED:
    'Records of a topic are not those that were written: the checksum of their batch is another. They are asked for three times, and then a dead letter; look at the disks of the brokers, and have their sender send them again.',
  FEED_NO_TOPIC:
    'A topic of other systems is not there, or this user may not see it; make it, correct its name in the file of servers, or grant Describe and Read. It is looked for again, and time passes without it.',
  FEED_UNREADABLE:
    'Records of a topic are in no format that can be read; their sender must send them again, with a client of Kafka 0.11 or later.',
  COMPRESSION_DAMAGED: 'The bytes cannot be decompressed; send them again, compressed as is said of them.',
  COMPRESSION_TOO_LARGE: 'The bytes stand for more clear ones than are taken; send less at once.',
  VAULT_KEY: 'The key of the vault is missing, malformed or not the one that the vault was written with.',
  VAULT_DAMAGED: 'A value of the vault cannot be decrypted; restore the data folder from a copy.',

  ...SERVER_CODES,

  // Rules folder.
  RULES_FOLDER: 'The rules folder cannot be read; check its path and permissions.',
  RULES_FILE: 'A file of the rules folder cannot be read as UTF-8 text.',
  RULES_LINK: 'A link leads out of the rules folder or to a folder; put the file itself there.',
  RULES_TOO_LARGE: 'The rules folder is over a limit; see the figure named.',

  // File inboxes of departments.
  INBOX_DEPARTMENT: 'The department id must be 1 to 64 lower-case letters, digits or hyphens.',
  INBOX_DELIVERY: 'A delivery cannot be written as a line of JSON.',
  INBOX_TOO_LARGE: 'A delivery or a batch is over the limit of the file inbox.',
  INBOX_FILE: 'The inbox is not a regular file; remove what stands in its place.',
  INBOX_WRITE: 'The inbox file cannot be written; check disk space and permissions.',

  // Mappings of foreign tables. Each names its line and column.
  MAPPING_UNKNOWN_KEY: 'Mappings do not know this key; see the nearest one.',
  MAPPING_MISSING_KEY: 'A required key is missing in the mapping.',
  MAPPING_VALUE: 'A value in the mapping has another form than expected.',
  MAPPING_EXPRESSION: 'The expression over the row cannot be read; it is plain CEL over row.',
  MAPPING_PATTERN: 'The pattern is no regular expression of RE2.',
  MAPPING_COLUMN: 'The table does not have a column that the mapping reads.',

  // Rows of foreign tables: why one becomes no event. The row itself is in the file of rejects.
  ROW_COLUMNS: 'The row has another number of cells than the table has columns.',
  ROW_MALFORMED: 'The row cannot be read: quoting or JSON is broken.',
  ROW_ENCODING: 'The row holds bytes that the encoding of the mapping does not know; check encoding.',
  ROW_TOO_LARGE: 'The row, or one of its texts, is over a limit.',
  ROW_EMPTY: 'The row has no value where the mapping asks for one.',
  ROW_NUMBER: 'The text is not a number; separators, units and blanks inside are not read.',
  ROW_DATE: 'The text is not a date of the format that the mapping names.',
  ROW_VALUE: 'The text is not in the map of the mapping; add it, or give the map an else.',
  ROW_TYPE: 'The value has another type than the mapping names.',
  ROW_EXPRESSION: 'The expression of the mapping fails on this row.',

  // Import and command line.
  FILE_READ: 'The file cannot be read; check its path, permissions and content.',
  FILE_WRITE: 'The file cannot be written; check its path, permissions and free space.',
  FILES_INVALID: 'There are faults in the files; mend what is listed above.',
  IMPORT_FORMAT: 'The file is not a table of the format that the mapping names.',
  IMPORT_REJECTS: 'Rows were rejected and --strict asks for none; see the file of rejects.',
  ...BACKTEST_CODES,
  USAGE: 'The command line is not as the command expects; see --help.',
  STOP_OVERDUE:
    'Something did not end within the time of a stop and was cut off; nothing is lost, for the next start goes on from the checkpoint. See the lines before for what did not answer.',
  INTERNAL: 'The program failed inside; run again with FENGHUO_DEBUG=1 and report what it prints.',

  // HTTP front. The first four refuse the start, the others answer a request.
  HTTP_NOT_LOOPBACK:
    'Beyond this machine the HTTP front listens only where every caller needs a token and its names are known: give a token (fenghuo token add), an IP address as --host, and --names; or use 127.0.0.1, ::1 or localhost.',
  HTTP_TLS:
    'Beyond this machine tokens would pass in clear text; give --tls-cert and --tls-key, or --behind-proxy where a proxy ends TLS.',
  HTTP_SETTINGS: 'A setting of the HTTP front is not as expected; see the one named.',
  HTTP_LISTEN: 'The HTTP front cannot listen on its port; stop what holds it or name another port.',
  HTTP_HOST:
    'The Host header must be localhost, 127.0.0.1 or [::1] with the port of this server, or one of its names.',
  HTTP_ORIGIN:
    'Pages of other origins may not call this server; call it from a program or from its own origin.',
  HTTP_REQUEST: 'The request is not well-formed HTTP/1.1 with a path of this server.',
  HTTP_HEADERS: 'The headers of the request are too large; send fewer or shorter ones.',
  HTTP_TOKEN: 'The request needs a valid token in Authorization: Bearer; ask the operator for one.',
  HTTP_FORBIDDEN: 'The role of this token may not do that.',
  HTTP_BODY: 'The body is not the JSON that this path expects; see the field named.',
  HTTP_FORM: 'The form is not one that this server gave to this browser; load the page again.',
  HTTP_RATE:
    'Too many requests with this token or from this address; send the request again after Retry-After seconds.',
  HTTP_NOT_FOUND: 'There is nothing under this path.',
  HTTP_METHOD: 'The path does not know this method; see Allow.',
  HTTP_PARAMETER: 'A parameter of the query is unknown or out of range; see the ones expected.',
  HTTP_CONTENT_TYPE:
    'The body has a media type that this path does not take; see Accept-Post. Text is sent in UTF-8.',
  HTTP_CONTENT_ENCODING:
    'The body has a Content-Encoding that this path does not take; see Accept-Encoding, or send it without one.',
  HTTP_BODY_EMPTY: 'The body is empty; send CloudEvents as JSON, a JSON array or NDJSON.',
  HTTP_BODY_NOT_UTF8: 'The body holds bytes that are not UTF-8; convert it before sending.',
  HTTP_BUSY: 'No events are taken at the moment; send the same body again after Retry-After seconds.',
  HTTP_CATCHING_UP:
    'The server has started and is catching up with its data; send the request again after Retry-After seconds, or ask /readyz.',
  HTTP_TIMEOUT: 'The request did not arrive in time; send smaller bodies.',
  HTTP_STORE: 'The store refuses what was sent; send the same again after Retry-After seconds.',
  HTTP_STOPPING: 'The server is stopping; send the request again once it is back.',
  HTTP_OVERDUE:
    'The answer takes too long and is given up; what was sent may have been taken, and may be sent again as it is.',
  HTTP_INTERNAL:
    'The request failed inside; what was sent may be sent again as it is. The log of the server says more.',

  // Warehouse. What is retriable says so on the error.
  WAREHOUSE_UNAVAILABLE:
    'The embedded warehouse cannot start; install the optional package chdb, or run without a warehouse.',
  WAREHOUSE_DIED:
    'The process of the embedded warehouse ended by itself and is started again; nothing is lost, and warnings go on. Where it comes again and again, look at the memory of the machine and the disk of the data folder.',
  WAREHOUSE_LOCKED:
    'Another process holds the data directory of the warehouse; stop it, or name another one.',
  WAREHOUSE_DAMAGED:
    'The data directory of the warehouse cannot be opened, though no other process holds it; stop the program, move the directory away and start again: it is filled anew from the logs.',
  WAREHOUSE_UNREACHABLE: 'The warehouse does not answer; the same block can be sent again with its token.',
  WAREHOUSE_BUSY: 'The warehouse is short of memory, time or room; send the same block again later.',
  WAREHOUSE_REFUSED: 'The warehouse refuses the statement or the rows; see its own code.',
  WAREHOUSE_REQUEST: 'A table, a token or a block handed to the warehouse is not acceptable.',
  WAREHOUSE_MIGRATION: 'The tables of the warehouse and the migrations of this build do not belong together.',

  // Silences that people order.
  SILENCE_FORBIDDEN:
    'The account may silence only items of departments that it supervises; name such an item in match.',
  SILENCE_INVALID: 'The silence must end in the future, within 90 days, and name what the rules know.',
  SILENCE_LIMIT: 'There are as many silences as there may be; end those that nobody needs.',

  // Clear personal values.
  PERSONAL_FORBIDDEN:
    'The account may not see clear personal values for that purpose; the operator says who may (fenghuo run --personal).',
  PERSONAL_PURPOSE: 'The purpose is none of those that the operator has set; name one of them.',
  PERSONAL_ERASED: 'The person has been erased: the value can never be read again.',
  PERSONAL_UNKNOWN_KEY: 'The file of purposes does not know this key; see the nearest one.',
  PERSONAL_MISSING_KEY: 'A required key is missing in the file of purposes.',
  PERSONAL_VALUE: 'A value in the file of purposes has another form than expected.',

  // Tokens of the HTTP front.
  TOKEN_FILE: 'The file of tokens cannot be read; mend what is named, or restore it from a copy.',
  TOKEN_EXISTS: 'There is a token of that id; choose another, or revoke the old one first.',
  TOKEN_LIMIT: 'There are as many tokens as there may be; revoke those that nobody uses.',
  TOKEN_UNKNOWN: 'There is no token of that id; see fenghuo token list.',
  TOKEN_SCOPE:
    'A token of the role department or lead needs a department of the catalogue, the others name none.',

  // Actions on warnings: why one is not taken, and what operators must know of warnings.
  ACTION_ILLEGAL: 'The state of the warning does not allow the action; see the ones allowed.',
  ACTION_FORBIDDEN: 'The account may not take this action on this warning; see role and department.',
  ACTION_INVALID: 'The particulars of the action do not fit; see the message.',
  ACTION_LIMIT: 'The warning remembers no more actions; close it, and open what is left as another.',
  ACTION_KEY:
    'The Idempotency-Key names another action of this account on the warning; send a key of its own.',
  ACTION_REFUSED: 'An action that came as an event was not taken; tell who sent it which ones are allowed.',
  ACTION_NO_WARNING: 'The action names a warning that does not exist.',
  ALERT_UNHANDLED: 'A department let a deadline pass, and urging has come to its end; speak to its head.',
  ALERT_CALENDAR:
    'A deadline lies in a year whose holiday notice is not known, so it has no date; update the calendar.',

  // The engine: verdicts on events, and what operators must know.
  EVENT_DUPLICATE: 'The same event came before; it counts once.',
  EVENT_REVOKED_BEFORE: 'The event was revoked before it came; it does not count.',
  REVOKED: 'The event named is taken out of every figure.',
  REVOKED_RELEASED:
    'The event that is revoked was let go at the end of its term; totals of the warehouse keep it.',
  REVOKED_UNKNOWN: 'The event to be revoked is not known yet; it will not count when it comes.',
  REVOKED_TWICE: 'The event named was revoked or amended before; name the newest amendment.',
  REVOKES_REVOCATION: 'A revocation cannot be revoked; send the event again under a new id.',
  LIMIT_DEVICES:
    'A subject has more devices than hear of its profile; look for devices that name a wrong owner.',
  LIMIT_WINDOW: 'More events lie in the window than an exact window holds; narrow it, or use panes.',
  LIMIT_PANES:
    'The panes of a window hold more values than they may; use larger panes, a narrower window or approx: true.',
  LIMIT_KEYS:
    'A model has come to hold more keys than expected; look at what its events name, or raise FENGHUO_MODEL_KEYS.',
  LIMIT_SEQUENCE:
    'An instant that a step of a sequence waits for lies too far ahead; leave such events out in where.',
  INDICATOR_UNPRIMED:
    'An indicator is new and its history is still being read; until then it is unknown. Nothing is to be done.',
  STATE_CORRUPT: 'Stored state cannot be read; restore the data folder from a copy.',
  STATE_VERSION:
    'Stored state has a layout that this build does not know; run the build that wrote it, or a newer one.',
  LEVEL_UNKNOWN:
    'A level could not be decided for an hour, since an indicator fails; see the error of the model.',

  // Running: ingest, alert, delivery, start.
  CLOCK_BEHIND:
    'The clock of this machine stands behind the log: nothing falls due until it has caught up; set the clock right.',
  INGEST_AHEAD: 'Events arrive more than ten seconds after the last tick; check the clocks.',
  ALERT_CONFLICT: 'A known transition came again with other content; the first stands. Report it.',
  ALERT_NO_ROUTE:
    'No department leads a warning: its item is not in the catalogue, or no office answers for it; add the item, an office or a route (fenghuo route --explain).',
  CHECKPOINT_FENCED: 'Another process wrote the checkpoint; this one loads it anew.',
  DELIVERY_FAILED:
    'No further attempt is made at a delivery; mend what is named, and tell the department by another way.',
  DELIVERY_EXPIRED: 'A delivery waited longer than its channel lets it; see why the channel was down.',
  DELIVERY_IN_DOUBT:
    'Whether a message arrived is not known, and its channel is set to avoid a second one; ask the department.',
  DELIVERY_QUEUE_FULL: 'More deliveries wait for an endpoint than may; see why it takes none.',
  DELIVERY_PARTLY: 'A message was taken for some of its addresses only; correct the others.',

  // Channels: why a receiver did not take a message.
  CHANNEL_UNKNOWN: 'A delivery names a channel that is not configured; add it to the file of channels.',
  CHANNEL_NO_ADDRESS: 'The channel has no address for the department; add one, or a default.',
  CHANNEL_ADDRESS_REFUSED:
    'The address is one of this machine or of a private network; where it is meant, list it under allow_addresses.',
  CHANNEL_UNREACHABLE: 'The receiver cannot be reached; check its name, its port and the network.',
  CHANNEL_TIMEOUT: 'The receiver did not answer in time.',
  CHANNEL_BROKEN_OFF: 'The connection broke off before the answer was there.',
  CHANNEL_TLS: 'No secure connection can be made; check the certificate of the receiver.',
  CHANNEL_REDIRECT: 'The receiver redirects, which is not followed; name the address that it redirects to.',
  CHANNEL_FAILING: 'The receiver failed inside.',
  CHANNEL_LIMITED: 'The receiver asks for fewer messages; lower the rate of the channel.',
  CHANNEL_CREDENTIALS: 'The receiver does not accept the key, signature or password; replace it.',
  CHANNEL_REFUSED: 'The receiver refuses the message; see what it says.',
  CHANNEL_ANSWER: 'The answer cannot be read, so whether the message was taken is not known.',
  CHANNEL_TOO_LARGE: 'The message is over the limit of the receiver.',
  CHANNEL_DOWN:
    'A receiver fails again and again and is left alone for a while; its messages wait. See what it says.',
  CHANNEL_BACK: 'A receiver takes messages again; those that waited follow.',
  CHANNEL_SECRET:
    'A secret cannot be read; set the variable, or put the file there, readable by its owner only.',

  // The file of channels. Each names its line and column.
  CHANNELS_UNKNOWN_KEY: 'Channels of this kind do not know this key; see the nearest one.',
  CHANNELS_MISSING_KEY: 'A required key is missing in the file of channels.',
  CHANNELS_VALUE: 'A value in the file of channels has another form than expected.',

  // The file of servers, and that of topics. Each names its line and column.
  SERVERS_UNKNOWN_KEY: 'The file of servers does not know this key; see the nearest one.',
  SERVERS_MISSING_KEY: 'A required key is missing in the file of servers.',
  SERVERS_VALUE: 'A value in the file of servers has another form than expected.',
  TOPICS_UNKNOWN_KEY: 'The file of topics does not know this key; see the nearest one.',
  TOPICS_MISSING_KEY: 'A required key is missing in the file of topics.',
  TOPICS_VALUE: 'A value in the file of topics has another form than expected.',
  TOPICS_BROKERS:
    'There are fewer brokers than replicas that the file of topics wants; start the missing ones, or name a file with fewer (--topics; infra/kafka/topics-one-broker.yaml is for one broker).',
  TOPICS_DIFFER:
    'Topics of the logs are not as the file of topics says; change what is named on the brokers, or in the file.',

  SITE_KEY: 'The site key is not the one that this data folder was begun with; name the same, or none.',
  SEAL_KEY: 'The key of the seals is missing, malformed or open to others.',
  SEALS_DIFFER:
    'The log of seals holds another seal than the evidence gives; nothing is sealed on top of it. Put back the copies of logs and state that belong together.',
  SEAL_NOT_HANDED_OVER:
    'A holder of seals did not take them; they are tried again until it does. Until then what they cover rests on this machine alone.',
  RULES_CHANGED:
    'The log asks for rules that the data folder does not hold; restore the folder from a copy, with its rules.',
  STOPPED: 'The process is stopping.',

  // Evidence: why there is no bundle, and what fenghuo verify finds.
  EVIDENCE_UNKNOWN: 'There is no evidence under this name; list the warnings with GET /v1/warnings.',
  EVIDENCE_UNSEALED:
    'No seal covers evidence under this name; ask again after the next full hour; a data folder is sealed as well when its process ends.',
  EVIDENCE_FORMER: 'The evidence was recorded by a build that knew no seals; it cannot be shown by itself.',
  EVIDENCE_LIMIT: 'The evidence is over the limit of one bundle; export single warnings.',
  EVALUATION_EARLY: 'The quarter has not ended in this data; evaluate it once it has.',
  EVALUATION_MODEL: 'The catalogue names no model that can evaluate credit; see catalogue/evaluation.yaml.',
  EVALUATION_RELEASED:
    'Events that the quarter counts were let go at the end of their term; restore a back-up of before, and evaluate it there.',
  EVALUATION_EMPTY: 'No subject was known by the end of the quarter.',
  EVALUATION_DIFFERS:
    'The quarter was evaluated before, with another result; a published evaluation is not changed, so ask why the rules did.',
  EVALUATION_FORMAT: 'The file is no evaluation of credit that this build knows.',
  DRAW_EMPTY: 'No subject can be drawn; see which condition leaves none.',
  DRAW_LIMIT: 'The draw has more tasks than can be opened at once; draw by narrower tags or smaller shares.',
  DRAW_TOLD:
    'Tasks were opened by a draw with this seed and these tags before; for a further one take another seed.',
  DRAW_TELL_SERVERS:
    'Tasks are opened by the one process that owns a data folder, and on servers there is none; the draw itself can be made there.',
  DRAW_FORMAT: 'The file is no draw that this build knows.',
  DRAW_DIFFERS: 'The draw is not what its seed and its candidates give; ask for the original file.',
  BUNDLE_FORMAT: 'The file is no bundle of evidence that this build knows.',
  SEALS_FORMAT: 'The file of the holder has no seals.',
  SEAL_SIGNATURE: 'A seal is not what was signed.',
  SEAL_STRANGER: 'A seal is signed with a key that the verifier does not trust.',
  SEAL_DIFFERS: 'A seal is not the one that its holder has.',
  SEAL_CHAIN: 'The seals do not follow each other.',
  RECORD_CHANGED: 'A record is not what was recorded.',
  RECORD_MISSING: 'A record is missing.',
  RECORD_FOREIGN: 'A record does not belong to what the bundle is about.',
  CHAIN_BROKEN: 'A chain of records does not lead to its seal.',
  INDEX_BROKEN: 'What shows that no record is missing does not lead to its seal.',
  RULES_DIFFER: 'The rules are not those that ran.',
} as const;

export type Code = keyof typeof CODES;
