import { createBrowserRouter, Navigate, Outlet, useLocation, useSearchParams } from 'react-router';
import { Splash } from '@/components/splash';
import { mayManage } from '@/lib/session/permissions';
import { useSession } from '@/lib/session/use-session';
import { loginPath, paths, safeNext } from './paths';
import { CrashPage, MissingPage, UnreachablePage } from './pages';
import { Shell } from './shell';

function ToLogin() {
  const { pathname, search } = useLocation();
  return <Navigate to={loginPath(pathname + search)} replace />;
}

function SignedIn() {
  const state = useSession();
  switch (state.status) {
    case 'starting':
      return <Splash />;
    case 'unreachable':
      return <UnreachablePage />;
    case 'anonymous':
      return <ToLogin />;
    default:
      // The key makes the page of another person a new one, without any state of the former.
      return <Shell user={state.user} key={state.user.id} />;
  }
}

/** Pages that do not exist for other users. This hides links only: the services reject the requests for their data. */
function AdminsOnly() {
  const state = useSession();
  return state.status === 'authenticated' && mayManage(state.user) ? <Outlet /> : <MissingPage />;
}

function SignedOut() {
  const state = useSession();
  const [params] = useSearchParams();
  if (state.status === 'starting') return <Splash />;
  if (state.status === 'authenticated') return <Navigate to={safeNext(params.get('next'))} replace />;
  return <Outlet />;
}

/** Return the pages by their addresses; the router follows the browser's address from now on. */
export const makeRouter = () => createBrowserRouter([
  {
    ErrorBoundary: CrashPage,
    HydrateFallback: Splash,
    children: [
      {
        Component: SignedIn,
        children: [
          { index: true, element: <Navigate to={paths.energy} replace /> },
          { path: '/dashboard', element: <Navigate to={paths.energy} replace /> },
          {
            path: paths.energy,
            lazy: { Component: async () => (await import('@/features/energy/energy-page')).EnergyPage },
          },
          {
            path: paths.account,
            lazy: { Component: async () => (await import('@/features/account/profile-page')).ProfilePage },
          },
          {
            path: paths.help,
            lazy: { Component: async () => (await import('@/features/help/help-page')).HelpPage },
          },
          {
            Component: AdminsOnly,
            children: [
              {
                path: paths.devices,
                lazy: { Component: async () => (await import('@/features/devices/list/devices-page')).DevicesPage },
              },
              {
                path: `${paths.devices}/:id`,
                lazy: { Component: async () => (await import('@/features/devices/page/device-page')).DevicePage },
              },
              {
                path: paths.users,
                lazy: { Component: async () => (await import('@/features/users/users-page')).UsersPage },
              },
              {
                path: paths.ingestion,
                lazy: { Component: async () => (await import('@/features/ingestion/ingestion-page')).IngestionPage },
              },
              {
                path: paths.security,
                lazy: { Component: async () => (await import('@/features/security-log/security-page')).SecurityPage },
              },
            ],
          },
          { path: '*', Component: MissingPage },
        ],
      },
      {
        Component: SignedOut,
        children: [
          {
            path: paths.login,
            lazy: { Component: async () => (await import('@/features/auth/login-page')).LoginPage },
          },
          {
            path: paths.register,
            lazy: { Component: async () => (await import('@/features/auth/register-page')).RegisterPage },
          },
        ],
      },
    ],
  },
]);
