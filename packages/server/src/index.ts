export { openApiDocument, problemCodes } from './api-docs/openapi-document.ts';
export { createLoginLimits } from './auth/login-limits.ts';
export { createPasswordHasher, type PasswordHasher } from './auth/password-hash.ts';
export {
  type AccountAdmin,
  type AccountApplier,
  createAccountAdmin,
} from './broker-accounts/account-admin.ts';
export { createControlConnection } from './broker-accounts/control-channel.ts';
export { createSecretSeal, type SecretSeal } from './broker-accounts/secret-seal.ts';
export { type AppDeps, type AppSettings, appRoutes, createApp } from './create-app.ts';
export { serverSettingsSchema } from './env.ts';
export { listenAt } from './events/change-listener.ts';
export { createEvents, type Events } from './events/create-events.ts';
export { defineRoute, JsonText, type Route } from './http/define-route.ts';
export { startServer } from './start-server.ts';
export { ensureFirstSuperadmin } from './users/first-superadmin.ts';
