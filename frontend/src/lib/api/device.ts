// Made from the service's OpenAPI schema by scripts/api-types.mjs; not written by hand.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @enum {string} */
        ActionEnum: "created" | "updated" | "status_changed" | "deleted" | "assigned" | "unassigned" | "meter_replaced" | "meter_restored";
        AssignedUser: {
            /** Format: uuid */
            user_id: string;
            username: string;
        };
        Assignment: {
            /** Format: date-time */
            readonly assigned_at: string;
            /** Format: uuid */
            readonly assigned_by: string;
            /** Format: uuid */
            readonly device_id: string;
            /** Format: date-time */
            readonly ended_at: string | null;
            /** Format: uuid */
            readonly ended_by: string | null;
            /** Format: uuid */
            readonly user_id: string;
            readonly username: string;
        };
        /** @enum {string} */
        BulkActionEnum: "deploy" | "recall" | "assign";
        BulkReport: {
            action: components["schemas"]["BulkActionEnum"];
            done: number;
            rejected: number;
            results: components["schemas"]["BulkResult"][];
            unchanged: number;
        };
        BulkRequest: {
            action: components["schemas"]["BulkActionEnum"];
            count?: number;
            filter?: components["schemas"]["DeviceFilterRequest"];
            ids?: string[];
            location?: string;
            /** @default  */
            notes: string;
            /** Format: uuid */
            user_id?: string;
        };
        BulkResult: {
            code?: string;
            detail?: string;
            /** Format: uuid */
            id: string;
            name: string;
            result: components["schemas"]["ResultEnum"];
        };
        Channel: {
            code: string;
            flow?: components["schemas"]["FlowEnum"];
            interval_seconds?: number | null;
            /** Format: double */
            max_power?: number | null;
            name?: string;
            negative_channel?: string | null;
            quantity?: components["schemas"]["QuantityEnum"];
            reading_kind?: components["schemas"]["ReadingKindEnum"];
            register_digits?: number | null;
            /** Format: double */
            register_wraps_at?: number | null;
        };
        ChannelRequest: {
            code: string;
            flow?: components["schemas"]["FlowEnum"];
            interval_seconds?: number | null;
            /** Format: double */
            max_power?: number | null;
            name?: string;
            negative_channel?: string | null;
            quantity?: components["schemas"]["QuantityEnum"];
            reading_kind?: components["schemas"]["ReadingKindEnum"];
            register_digits?: number | null;
            /** Format: double */
            register_wraps_at?: number | null;
        };
        Device: {
            readonly channels: components["schemas"]["Channel"][];
            /** Format: date-time */
            readonly created_at: string;
            /** Format: date */
            deploy_date?: string | null;
            description?: string;
            device_type: components["schemas"]["DeviceTypeEnum"];
            /** Format: uuid */
            readonly id: string;
            interval_seconds?: number;
            /** Format: date */
            last_maintenance_date?: string | null;
            location?: string;
            manufacturer?: string;
            /** Format: double */
            max_consumption?: number | null;
            /** Format: double */
            max_power_kw?: number | null;
            model?: string;
            name: string;
            /** Format: date */
            purchase_date?: string | null;
            reading_kind?: components["schemas"]["ReadingKindEnum"];
            register_digits?: number | null;
            serial_number: string;
            specifications?: {
                [key: string]: unknown;
            };
            status?: components["schemas"]["StatusEnum"];
            timezone?: string;
            /** Format: date-time */
            readonly updated_at: string;
        };
        DeviceFilterRequest: {
            /** Format: uuid */
            assigned_to?: string;
            device_type?: components["schemas"]["DeviceTypeEnum"];
            search?: string;
            status?: components["schemas"]["StatusEnum"];
        };
        DeviceRequest: {
            /** Format: date */
            deploy_date?: string | null;
            description?: string;
            device_type: components["schemas"]["DeviceTypeEnum"];
            interval_seconds?: number;
            /** Format: date */
            last_maintenance_date?: string | null;
            location?: string;
            manufacturer?: string;
            /** Format: double */
            max_consumption?: number | null;
            /** Format: double */
            max_power_kw?: number | null;
            model?: string;
            name: string;
            notes?: string;
            /** Format: date */
            purchase_date?: string | null;
            reading_kind?: components["schemas"]["ReadingKindEnum"];
            register_digits?: number | null;
            serial_number: string;
            specifications?: {
                [key: string]: unknown;
            };
            status?: components["schemas"]["StatusEnum"];
            timezone?: string;
        };
        /** @enum {string} */
        DeviceTypeEnum: "smart_meter" | "sub_meter" | "sensor" | "gateway" | "actuator" | "other";
        /** @enum {string} */
        FlowEnum: "consumed" | "imported" | "exported" | "produced" | "charged" | "discharged";
        ListedDevice: {
            readonly assigned_count: number;
            readonly assigned_to: components["schemas"]["AssignedUser"][];
            readonly channels: components["schemas"]["Channel"][];
            /** Format: date-time */
            readonly created_at: string;
            /** Format: date */
            deploy_date?: string | null;
            description?: string;
            device_type: components["schemas"]["DeviceTypeEnum"];
            /** Format: uuid */
            readonly id: string;
            interval_seconds?: number;
            /** Format: date */
            last_maintenance_date?: string | null;
            location?: string;
            manufacturer?: string;
            /** Format: double */
            max_consumption?: number | null;
            /** Format: double */
            max_power_kw?: number | null;
            model?: string;
            name: string;
            /** Format: date */
            purchase_date?: string | null;
            reading_kind?: components["schemas"]["ReadingKindEnum"];
            register_digits?: number | null;
            serial_number: string;
            specifications?: {
                [key: string]: unknown;
            };
            status?: components["schemas"]["StatusEnum"];
            timezone?: string;
            /** Format: date-time */
            readonly updated_at: string;
        };
        LogEntry: {
            readonly action: components["schemas"]["ActionEnum"];
            /** Format: uuid */
            readonly actor_id: string | null;
            readonly actor_name: string;
            /** Format: uuid */
            readonly device_id: string;
            readonly id: number;
            readonly new_values: unknown;
            readonly notes: string;
            /** Format: date-time */
            readonly occurred_at: string;
            readonly old_values: unknown;
            readonly request_id: string;
        };
        Meter: {
            closing: {
                [key: string]: number;
            };
            /** Format: uuid */
            id: string;
            /** Format: date-time */
            mounted_at: string | null;
            /** Format: double */
            multiplier: number;
            notes: string;
            opening: {
                [key: string]: number;
            };
            register_digits: number | null;
            /** Format: date-time */
            removed_at: string | null;
            serial_number: string;
        };
        Meters: {
            count: number;
            results: components["schemas"]["Meter"][];
        };
        NewAssignmentRequest: {
            notes?: string;
            /** Format: uuid */
            user_id: string;
        };
        NewChannelRequest: {
            code: string;
            flow?: components["schemas"]["FlowEnum"];
            interval_seconds?: number | null;
            /** Format: double */
            max_power?: number | null;
            name?: string;
            negative_channel?: string | null;
            quantity?: components["schemas"]["QuantityEnum"];
            reading_kind?: components["schemas"]["ReadingKindEnum"];
            register_digits?: number | null;
            /** Format: double */
            register_wraps_at?: number | null;
        };
        NewDeviceRequest: {
            channels?: components["schemas"]["NewChannelRequest"][];
            /** Format: date */
            deploy_date?: string | null;
            description?: string;
            device_type: components["schemas"]["DeviceTypeEnum"];
            /** Format: uuid */
            id?: string;
            interval_seconds?: number;
            /** Format: date */
            last_maintenance_date?: string | null;
            location?: string;
            manufacturer?: string;
            /** Format: double */
            max_consumption?: number | null;
            /** Format: double */
            max_power_kw?: number | null;
            model?: string;
            name: string;
            notes?: string;
            /** Format: date */
            purchase_date?: string | null;
            reading_kind?: components["schemas"]["ReadingKindEnum"];
            register_digits?: number | null;
            serial_number: string;
            specifications?: {
                [key: string]: unknown;
            };
            status?: components["schemas"]["StatusEnum"];
            timezone?: string;
        };
        NotedChannelRequest: {
            code: string;
            flow?: components["schemas"]["FlowEnum"];
            interval_seconds?: number | null;
            /** Format: double */
            max_power?: number | null;
            name?: string;
            negative_channel?: string | null;
            notes?: string;
            quantity?: components["schemas"]["QuantityEnum"];
            reading_kind?: components["schemas"]["ReadingKindEnum"];
            register_digits?: number | null;
            /** Format: double */
            register_wraps_at?: number | null;
        };
        PaginatedAssignmentList: {
            count: number;
            /** Format: uri */
            next: string | null;
            /** Format: uri */
            previous: string | null;
            results: components["schemas"]["Assignment"][];
        };
        PaginatedListedDeviceList: {
            count: number;
            /** Format: uri */
            next: string | null;
            /** Format: uri */
            previous: string | null;
            results: components["schemas"]["ListedDevice"][];
        };
        PaginatedLogEntryList: {
            count: number;
            /** Format: uri */
            next: string | null;
            /** Format: uri */
            previous: string | null;
            results: components["schemas"]["LogEntry"][];
        };
        PatchedChangedChannelRequest: {
            code?: string;
            flow?: components["schemas"]["FlowEnum"];
            interval_seconds?: number | null;
            /** Format: double */
            max_power?: number | null;
            name?: string;
            negative_channel?: string | null;
            notes?: string;
            quantity?: components["schemas"]["QuantityEnum"];
            reading_kind?: components["schemas"]["ReadingKindEnum"];
            register_digits?: number | null;
            /** Format: double */
            register_wraps_at?: number | null;
        };
        PatchedDeviceRequest: {
            /** Format: date */
            deploy_date?: string | null;
            description?: string;
            device_type?: components["schemas"]["DeviceTypeEnum"];
            interval_seconds?: number;
            /** Format: date */
            last_maintenance_date?: string | null;
            location?: string;
            manufacturer?: string;
            /** Format: double */
            max_consumption?: number | null;
            /** Format: double */
            max_power_kw?: number | null;
            model?: string;
            name?: string;
            notes?: string;
            /** Format: date */
            purchase_date?: string | null;
            reading_kind?: components["schemas"]["ReadingKindEnum"];
            register_digits?: number | null;
            serial_number?: string;
            specifications?: {
                [key: string]: unknown;
            };
            status?: components["schemas"]["StatusEnum"];
            timezone?: string;
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
        /** @enum {string} */
        QuantityEnum: "electricity" | "heat" | "cooling" | "gas" | "water";
        /** @enum {string} */
        ReadingKindEnum: "interval" | "cumulative";
        ReplacementRequest: {
            closing?: {
                [key: string]: number;
            };
            /**
             * Format: double
             * @default 1
             */
            multiplier: number;
            /** @default  */
            notes: string;
            opening?: {
                [key: string]: number;
            };
            register_digits?: number | null;
            /** Format: date-time */
            replaced_at: string;
            serial_number: string;
        };
        /** @enum {string} */
        ResultEnum: "done" | "unchanged" | "rejected";
        SelectionRequest: {
            count?: number;
            filter?: components["schemas"]["DeviceFilterRequest"];
            ids?: string[];
        };
        /** @enum {string} */
        StatusEnum: "in_stock" | "reserved" | "deployed" | "maintenance" | "retired";
        StatusRequest: {
            location?: string;
            notes?: string;
            status: components["schemas"]["StatusEnum"];
        };
        TransitionRequest: {
            location?: string;
            notes?: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type ActionEnum = components['schemas']['ActionEnum'];
export type AssignedUser = components['schemas']['AssignedUser'];
export type Assignment = components['schemas']['Assignment'];
export type BulkActionEnum = components['schemas']['BulkActionEnum'];
export type BulkReport = components['schemas']['BulkReport'];
export type BulkRequest = components['schemas']['BulkRequest'];
export type BulkResult = components['schemas']['BulkResult'];
export type Channel = components['schemas']['Channel'];
export type ChannelRequest = components['schemas']['ChannelRequest'];
export type Device = components['schemas']['Device'];
export type DeviceFilterRequest = components['schemas']['DeviceFilterRequest'];
export type DeviceRequest = components['schemas']['DeviceRequest'];
export type DeviceTypeEnum = components['schemas']['DeviceTypeEnum'];
export type FlowEnum = components['schemas']['FlowEnum'];
export type ListedDevice = components['schemas']['ListedDevice'];
export type LogEntry = components['schemas']['LogEntry'];
export type Meter = components['schemas']['Meter'];
export type Meters = components['schemas']['Meters'];
export type NewAssignmentRequest = components['schemas']['NewAssignmentRequest'];
export type NewChannelRequest = components['schemas']['NewChannelRequest'];
export type NewDeviceRequest = components['schemas']['NewDeviceRequest'];
export type NotedChannelRequest = components['schemas']['NotedChannelRequest'];
export type PaginatedAssignmentList = components['schemas']['PaginatedAssignmentList'];
export type PaginatedListedDeviceList = components['schemas']['PaginatedListedDeviceList'];
export type PaginatedLogEntryList = components['schemas']['PaginatedLogEntryList'];
export type PatchedChangedChannelRequest = components['schemas']['PatchedChangedChannelRequest'];
export type PatchedDeviceRequest = components['schemas']['PatchedDeviceRequest'];
export type Problem = components['schemas']['Problem'];
export type QuantityEnum = components['schemas']['QuantityEnum'];
export type ReadingKindEnum = components['schemas']['ReadingKindEnum'];
export type ReplacementRequest = components['schemas']['ReplacementRequest'];
export type ResultEnum = components['schemas']['ResultEnum'];
export type SelectionRequest = components['schemas']['SelectionRequest'];
export type StatusEnum = components['schemas']['StatusEnum'];
export type StatusRequest = components['schemas']['StatusRequest'];
export type TransitionRequest = components['schemas']['TransitionRequest'];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
