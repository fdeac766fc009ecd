// Made from the service's OpenAPI schema by scripts/api-types.mjs; not written by hand.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @enum {unknown} */
        BlankEnum: "";
        BrowserSession: {
            access: string;
            user: components["schemas"]["Profile"];
        };
        CredentialsRequest: {
            password: string;
            username: string;
        };
        KeySet: {
            keys: {
                [key: string]: string;
            }[];
        };
        /** @enum {string} */
        KindEnum: "login" | "login_failed" | "locked" | "user_created" | "user_deleted" | "user_disabled" | "user_enabled" | "role_changed" | "password_changed" | "session_revoked" | "key_rotated";
        /** @enum {string} */
        LanguageEnum: "en" | "ro";
        LogoutRequest: {
            /** @default true */
            everywhere: boolean;
            refresh?: string;
        };
        PaginatedSecurityEventList: {
            count: number;
            /** Format: uri */
            next: string | null;
            /** Format: uri */
            previous: string | null;
            results: components["schemas"]["SecurityEvent"][];
        };
        PaginatedSessionList: {
            count: number;
            /** Format: uri */
            next: string | null;
            /** Format: uri */
            previous: string | null;
            results: components["schemas"]["Session"][];
        };
        PaginatedUserList: {
            count: number;
            /** Format: uri */
            next: string | null;
            /** Format: uri */
            previous: string | null;
            results: components["schemas"]["User"][];
        };
        PasswordChangeRequest: {
            current_password: string;
            /** @default false */
            keep_session: boolean;
            new_password: string;
        };
        PatchedProfileRequest: {
            email?: string;
            first_name?: string;
            language?: components["schemas"]["LanguageEnum"] | components["schemas"]["BlankEnum"];
            last_name?: string;
            phone?: string;
            theme?: components["schemas"]["ThemeEnum"] | components["schemas"]["BlankEnum"];
        };
        PatchedUserUpdateRequest: {
            email?: string;
            first_name?: string;
            is_active?: boolean;
            last_name?: string;
            password?: string;
            phone?: string;
            role?: components["schemas"]["RoleEnum"];
            username?: string;
        };
        Problem: {
            code: string;
            codes?: {
                [key: string]: unknown;
            };
            detail: string;
            errors?: {
                [key: string]: unknown;
            };
            request_id: string;
            status: number;
            title: string;
            type: string;
        };
        Profile: {
            email?: string;
            first_name?: string;
            /** Format: uuid */
            readonly id: string;
            readonly is_active: boolean;
            language?: components["schemas"]["LanguageEnum"] | components["schemas"]["BlankEnum"];
            last_name?: string;
            phone?: string;
            readonly role: components["schemas"]["RoleEnum"];
            theme?: components["schemas"]["ThemeEnum"] | components["schemas"]["BlankEnum"];
            readonly username: string;
        };
        RefreshRequest: {
            refresh: string;
        };
        RegistrationRequest: {
            email?: string;
            first_name?: string;
            last_name?: string;
            password: string;
            phone?: string;
            username: string;
        };
        RegistrationState: {
            open: boolean;
        };
        /** @enum {string} */
        RoleEnum: "admin" | "client";
        SecurityEvent: {
            /** Format: uuid */
            readonly actor_id: string | null;
            readonly actor_name: string;
            readonly address: string | null;
            readonly details: {
                [key: string]: unknown;
            };
            readonly id: number;
            readonly kind: components["schemas"]["KindEnum"];
            /** Format: date-time */
            readonly occurred_at: string;
            readonly request_id: string;
            /** Format: uuid */
            readonly subject_id: string | null;
            readonly subject_name: string;
        };
        Session: {
            readonly address: string | null;
            /** Format: date-time */
            readonly created_at: string;
            readonly current: boolean;
            /** Format: date-time */
            readonly expires_at: string;
            /** Format: uuid */
            readonly id: string;
            /** Format: date-time */
            readonly last_used_at: string;
            readonly program: string;
            readonly system: string;
        };
        /** @enum {string} */
        ThemeEnum: "light" | "dark" | "auto";
        TokenPair: {
            access: string;
            refresh: string;
        };
        User: {
            /** Format: date-time */
            readonly created_at: string;
            readonly email: string;
            readonly first_name: string;
            /** Format: uuid */
            readonly id: string;
            readonly is_active: boolean;
            /** Format: date-time */
            readonly last_login: string | null;
            readonly last_name: string;
            readonly phone: string;
            readonly role: components["schemas"]["RoleEnum"];
            readonly username: string;
        };
        UserCreateRequest: {
            email?: string;
            first_name?: string;
            last_name?: string;
            password: string;
            phone?: string;
            role?: components["schemas"]["RoleEnum"];
            username: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type BlankEnum = components['schemas']['BlankEnum'];
export type BrowserSession = components['schemas']['BrowserSession'];
export type CredentialsRequest = components['schemas']['CredentialsRequest'];
export type KeySet = components['schemas']['KeySet'];
export type KindEnum = components['schemas']['KindEnum'];
export type LanguageEnum = components['schemas']['LanguageEnum'];
export type LogoutRequest = components['schemas']['LogoutRequest'];
export type PaginatedSecurityEventList = components['schemas']['PaginatedSecurityEventList'];
export type PaginatedSessionList = components['schemas']['PaginatedSessionList'];
export type PaginatedUserList = components['schemas']['PaginatedUserList'];
export type PasswordChangeRequest = components['schemas']['PasswordChangeRequest'];
export type PatchedProfileRequest = components['schemas']['PatchedProfileRequest'];
export type PatchedUserUpdateRequest = components['schemas']['PatchedUserUpdateRequest'];
export type Problem = components['schemas']['Problem'];
export type Profile = components['schemas']['Profile'];
export type RefreshRequest = components['schemas']['RefreshRequest'];
export type RegistrationRequest = components['schemas']['RegistrationRequest'];
export type RegistrationState = components['schemas']['RegistrationState'];
export type RoleEnum = components['schemas']['RoleEnum'];
export type SecurityEvent = components['schemas']['SecurityEvent'];
export type Session = components['schemas']['Session'];
export type ThemeEnum = components['schemas']['ThemeEnum'];
export type TokenPair = components['schemas']['TokenPair'];
export type User = components['schemas']['User'];
export type UserCreateRequest = components['schemas']['UserCreateRequest'];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
