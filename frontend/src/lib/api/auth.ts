// Made from the service's OpenAPI schema by scripts/api-types.mjs; not written by hand.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
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
        LogoutRequest: {
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
            new_password: string;
        };
        PatchedProfileRequest: {
            email?: string;
            first_name?: string;
            last_name?: string;
            phone?: string;
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
            last_name?: string;
            phone?: string;
            readonly role: components["schemas"]["RoleEnum"];
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
export type BrowserSession = components['schemas']['BrowserSession'];
export type CredentialsRequest = components['schemas']['CredentialsRequest'];
export type KeySet = components['schemas']['KeySet'];
export type KindEnum = components['schemas']['KindEnum'];
export type LogoutRequest = components['schemas']['LogoutRequest'];
export type PaginatedSecurityEventList = components['schemas']['PaginatedSecurityEventList'];
export type PaginatedUserList = components['schemas']['PaginatedUserList'];
export type PasswordChangeRequest = components['schemas']['PasswordChangeRequest'];
export type PatchedProfileRequest = components['schemas']['PatchedProfileRequest'];
export type PatchedUserUpdateRequest = components['schemas']['PatchedUserUpdateRequest'];
export type Problem = components['schemas']['Problem'];
export type Profile = components['schemas']['Profile'];
export type RefreshRequest = components['schemas']['RefreshRequest'];
export type RegistrationRequest = components['schemas']['RegistrationRequest'];
export type RoleEnum = components['schemas']['RoleEnum'];
export type SecurityEvent = components['schemas']['SecurityEvent'];
export type TokenPair = components['schemas']['TokenPair'];
export type User = components['schemas']['User'];
export type UserCreateRequest = components['schemas']['UserCreateRequest'];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
