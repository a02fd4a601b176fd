import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { BrowserRouter, Route, Routes } from 'react-router';
import { queryClient } from '../api/query-client.ts';
import { OverviewPage } from '../overview/overview-page.tsx';
import { SessionGate } from '../session/session-gate.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { NotFoundPage } from './not-found-page.tsx';
import { Shell } from './shell.tsx';

const ScreensPage = lazy(async () => ({
  default: (await import('../screens/screens-page.tsx')).ScreensPage,
}));
const ScreenPage = lazy(async () => ({ default: (await import('../screen/screen-page.tsx')).ScreenPage }));
const CommandsPage = lazy(async () => ({
  default: (await import('../commands/commands-page.tsx')).CommandsPage,
}));
const AuditPage = lazy(async () => ({ default: (await import('../audit/audit-page.tsx')).AuditPage }));
const UsersPage = lazy(async () => ({ default: (await import('../users/users-page.tsx')).UsersPage }));
const AccountPage = lazy(async () => ({
  default: (await import('../account/account-page.tsx')).AccountPage,
}));

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <BrowserRouter>
        <ErrorBoundary>
          <SessionGate>
            <Shell>
              <ErrorBoundary>
                <Suspense fallback={<Skeleton lines={6} />}>
                  <Routes>
                    <Route index element={<OverviewPage />} />
                    <Route path="screens" element={<ScreensPage />} />
                    <Route path="screens/:uuid" element={<ScreenPage />} />
                    <Route path="commands" element={<CommandsPage />} />
                    <Route path="audit" element={<AuditPage />} />
                    <Route path="users" element={<UsersPage />} />
                    <Route path="account" element={<AccountPage />} />
                    <Route path="*" element={<NotFoundPage />} />
                  </Routes>
                </Suspense>
              </ErrorBoundary>
            </Shell>
          </SessionGate>
        </ErrorBoundary>
      </BrowserRouter>
    </QueryClientProvider>
  );
}
