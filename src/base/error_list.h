/*
 * The catalogue of errors, written once: ERROR_ROW(kind, namespace, name, status, text member).
 * Kinds below ERROR_INTERNAL_FIRST never reach a client under their own name.
 * Source: service model (shapes with "exception"); errors captured from the service for coral names.
 */
#define CORAL_SERVICE "com.amazon.coral.service"
#define CORAL_VALIDATE "com.amazon.coral.validate"
#define CORAL_AVAILABILITY "com.amazon.coral.availability"
#define DYNAMODB "com.amazonaws.dynamodb.v20120810"

#define ERROR_LIST(ERROR_ROW)                                                                      \
    ERROR_ROW(VALIDATION, CORAL_VALIDATE, "ValidationException", 400, "message")                   \
    ERROR_ROW(SERIALIZATION, CORAL_SERVICE, "SerializationException", 400, "Message")              \
    ERROR_ROW(UNKNOWN_OPERATION, CORAL_SERVICE, "UnknownOperationException", 400, "message")       \
    ERROR_ROW(MISSING_AUTHENTICATION_TOKEN, CORAL_SERVICE, "MissingAuthenticationTokenException",  \
              400, "message")                                                                      \
    ERROR_ROW(INCOMPLETE_SIGNATURE, CORAL_SERVICE, "IncompleteSignatureException", 400, "message") \
    ERROR_ROW(INVALID_SIGNATURE, CORAL_SERVICE, "InvalidSignatureException", 400, "message")       \
    ERROR_ROW(ACCESS_DENIED, CORAL_SERVICE, "AccessDeniedException", 400, "Message")               \
    ERROR_ROW(THROTTLING, CORAL_AVAILABILITY, "ThrottlingException", 400, "message")               \
    ERROR_ROW(SERVICE_UNAVAILABLE, CORAL_SERVICE, "ServiceUnavailableException", 503, "message")   \
    ERROR_ROW(CONDITIONAL_CHECK_FAILED, DYNAMODB, "ConditionalCheckFailedException", 400,          \
              "message")                                                                           \
    ERROR_ROW(DUPLICATE_ITEM, DYNAMODB, "DuplicateItemException", 400, "message")                  \
    ERROR_ROW(RESOURCE_NOT_FOUND, DYNAMODB, "ResourceNotFoundException", 400, "message")           \
    ERROR_ROW(RESOURCE_IN_USE, DYNAMODB, "ResourceInUseException", 400, "message")                 \
    ERROR_ROW(ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED, DYNAMODB,                                       \
              "ItemCollectionSizeLimitExceededException", 400, "message")                          \
    ERROR_ROW(LIMIT_EXCEEDED, DYNAMODB, "LimitExceededException", 400, "message")                  \
    ERROR_ROW(PROVISIONED_THROUGHPUT_EXCEEDED, DYNAMODB, "ProvisionedThroughputExceededException", \
              400, "message")                                                                      \
    ERROR_ROW(REQUEST_LIMIT_EXCEEDED, DYNAMODB, "RequestLimitExceeded", 400, "message")            \
    ERROR_ROW(TABLE_NOT_FOUND, DYNAMODB, "TableNotFoundException", 400, "message")                 \
    ERROR_ROW(TABLE_IN_USE, DYNAMODB, "TableInUseException", 400, "message")                       \
    ERROR_ROW(TABLE_ALREADY_EXISTS, DYNAMODB, "TableAlreadyExistsException", 400, "message")       \
    ERROR_ROW(BACKUP_NOT_FOUND, DYNAMODB, "BackupNotFoundException", 400, "message")               \
    ERROR_ROW(BACKUP_IN_USE, DYNAMODB, "BackupInUseException", 400, "message")                     \
    ERROR_ROW(CONTINUOUS_BACKUPS_UNAVAILABLE, DYNAMODB, "ContinuousBackupsUnavailableException",   \
              400, "message")                                                                      \
    ERROR_ROW(POINT_IN_TIME_RECOVERY_UNAVAILABLE, DYNAMODB,                                        \
              "PointInTimeRecoveryUnavailableException", 400, "message")                           \
    ERROR_ROW(INVALID_RESTORE_TIME, DYNAMODB, "InvalidRestoreTimeException", 400, "message")       \
    ERROR_ROW(EXPORT_CONFLICT, DYNAMODB, "ExportConflictException", 400, "message")                \
    ERROR_ROW(EXPORT_NOT_FOUND, DYNAMODB, "ExportNotFoundException", 400, "message")               \
    ERROR_ROW(INVALID_EXPORT_TIME, DYNAMODB, "InvalidExportTimeException", 400, "message")         \
    ERROR_ROW(IMPORT_CONFLICT, DYNAMODB, "ImportConflictException", 400, "message")                \
    ERROR_ROW(IMPORT_NOT_FOUND, DYNAMODB, "ImportNotFoundException", 400, "message")               \
    ERROR_ROW(TRANSACTION_CONFLICT, DYNAMODB, "TransactionConflictException", 400, "message")      \
    ERROR_ROW(TRANSACTION_CANCELED, DYNAMODB, "TransactionCanceledException", 400, "Message")      \
    ERROR_ROW(IDEMPOTENT_PARAMETER_MISMATCH, DYNAMODB, "IdempotentParameterMismatchException",     \
              400, "Message")                                                                      \
    ERROR_ROW(EXPIRED_ITERATOR, DYNAMODB, "ExpiredIteratorException", 400, "message")              \
    ERROR_ROW(TRIMMED_DATA_ACCESS, DYNAMODB, "TrimmedDataAccessException", 400, "message")         \
    ERROR_ROW(INTERNAL_SERVER_ERROR, DYNAMODB, "InternalServerError", 500, "message")              \
    /* Ours: the request must not reach the client with these. */                                  \
    ERROR_ROW(WOULD_BLOCK, DYNAMODB, "InternalServerError", 500, "message")                        \
    ERROR_ROW(BUSY, DYNAMODB, "InternalServerError", 500, "message")                               \
    ERROR_ROW(CONFLICT, DYNAMODB, "InternalServerError", 500, "message")                           \
    ERROR_ROW(STORAGE, DYNAMODB, "InternalServerError", 500, "message")                            \
    ERROR_ROW(CORRUPT, DYNAMODB, "InternalServerError", 500, "message")                            \
    ERROR_ROW(USAGE, DYNAMODB, "InternalServerError", 500, "message")
