/** Settings of the lifecycle, the same for every service. */
export interface LifecycleSettings {
  /** From the request to the start of the execution, at most: `COMMAND_TTL_SECONDS`. */
  readonly commandTtlSeconds: number;
  /** From the start of the execution to its result, at most: `COMMAND_RESULT_TIMEOUT_SECONDS`. */
  readonly resultTimeoutSeconds: number;
  /** Issued commands per client and action within the window, at most: `LOCKOUT_MAX_COMMANDS`. */
  readonly lockoutMaxCommands: number;
  readonly lockoutWindowSeconds: number;
  /** Whether commands also go out on the topic of older agents: `MQTT_LEGACY_TOPICS`. */
  readonly legacyTopics: boolean;
}

/** What services read from their environment, by the names that it has there. */
export interface LifecycleVariables {
  readonly COMMAND_TTL_SECONDS: number;
  readonly COMMAND_RESULT_TIMEOUT_SECONDS: number;
  readonly LOCKOUT_MAX_COMMANDS: number;
  readonly LOCKOUT_WINDOW_SECONDS: number;
  readonly MQTT_LEGACY_TOPICS: boolean;
}

export function lifecycleSettingsOf(variables: LifecycleVariables): LifecycleSettings {
  return {
    commandTtlSeconds: variables.COMMAND_TTL_SECONDS,
    resultTimeoutSeconds: variables.COMMAND_RESULT_TIMEOUT_SECONDS,
    lockoutMaxCommands: variables.LOCKOUT_MAX_COMMANDS,
    lockoutWindowSeconds: variables.LOCKOUT_WINDOW_SECONDS,
    legacyTopics: variables.MQTT_LEGACY_TOPICS,
  };
}
