/** Of the API and of this service, as the monitoring shows it. */
export const SERVER_VERSION = '0.1.0';
