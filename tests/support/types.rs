//! Every record type, every body and every union of messages.

use super::codecs::Codec;

/// Lists types: a module, and the names of types in it; or of modules in it, each with an `Output`.
macro_rules! codecs {
    (types $($($part:ident)::+: $($name:ident)+;)*) => {
        [$({
            use arobase::$($part)::+::*;
            vec![$(Codec::of::<$name>()),+]
        }),*].concat()
    };
    (outputs $($($part:ident)::+: $($method:ident)+;)*) => {
        [$({
            use arobase::$($part)::+::*;
            vec![$(Codec::of::<$method::Output>()),+]
        }),*].concat()
    };
}

/// All record types.
pub(crate) fn records() -> Vec<Codec> {
    codecs! { types
        app::bsky::actor: ContentVisibilityDeclaration Profile Status;
        app::bsky::feed: Generator Like Post Postgate Repost Threadgate;
        app::bsky::graph: Block Follow List Listblock Listitem Starterpack Verification;
        app::bsky::labeler: Service;
        app::bsky::notification: Declaration;
        chat::bsky::actor: Declaration;
        com::atproto::lexicon: Schema;
        com::germnetwork: Declaration;
        community::lexicon::app: Entry Profile ProfileLocalization;
        community::lexicon::bookmarks: Bookmark;
        community::lexicon::calendar: Event Rsvp;
        community::lexicon::interaction: Like;
        community::lexicon::payments: WebMonetization;
        community::lexicon::preference: Ai;
        site::standard: Document Publication;
        site::standard::graph: Recommend Subscription;
        site::standard::theme: Basic;
    }
}

/// All response bodies that have a schema.
pub(crate) fn outputs() -> Vec<Codec> {
    codecs! { outputs
        app::bsky::actor: get_preferences get_profile get_profiles get_suggestions search_actors
            search_actors_typeahead;
        app::bsky::ageassurance: begin get_config get_state;
        app::bsky::bookmark: get_bookmarks;
        app::bsky::contact: dismiss_match get_matches get_sync_status import_contacts remove_data
            send_notification start_phone_verification verify_phone;
        app::bsky::draft: create_draft get_drafts;
        app::bsky::embed: get_embed_external_view;
        app::bsky::feed: describe_feed_generator get_actor_feeds get_actor_likes get_author_feed get_feed
            get_feed_generator get_feed_generators get_feed_skeleton get_likes get_list_feed get_post_thread
            get_posts get_quotes get_reposted_by get_suggested_feeds get_timeline search_posts search_posts_v2
            send_interactions;
        app::bsky::graph: get_actor_starter_packs get_blocks get_followers get_follows get_known_followers
            get_list get_list_blocks get_list_mutes get_lists get_lists_with_membership get_mutes
            get_relationships get_starter_pack get_starter_packs get_starter_packs_with_membership
            get_suggested_follows_by_actor search_starter_packs search_starter_packs_v2;
        app::bsky::labeler: get_services;
        app::bsky::notification: get_preferences get_unread_count list_activity_subscriptions
            list_notifications put_activity_subscription put_preferences_v2;
        app::bsky::unspecced: get_age_assurance_state get_config get_onboarding_suggested_starter_packs
            get_onboarding_suggested_starter_packs_skeleton get_onboarding_suggested_users_skeleton
            get_popular_feed_generators get_post_thread_other_v2 get_post_thread_v2 get_suggested_feeds
            get_suggested_feeds_skeleton get_suggested_onboarding_users get_suggested_starter_packs
            get_suggested_starter_packs_skeleton get_suggested_users get_suggested_users_for_discover
            get_suggested_users_for_discover_skeleton get_suggested_users_for_explore
            get_suggested_users_for_explore_skeleton get_suggested_users_for_see_more
            get_suggested_users_for_see_more_skeleton get_suggested_users_skeleton get_suggestions_skeleton
            get_tagged_suggestions get_trending_topics get_trends get_trends_skeleton init_age_assurance
            search_actors_skeleton search_posts_skeleton search_starter_packs_skeleton;
        app::bsky::video: abort_upload finish_upload get_job_status get_upload_limits get_upload_status
            start_upload upload_part upload_video;
        chat::bsky::actor: delete_account get_status;
        chat::bsky::convo: accept_convo add_reaction delete_message_for_self get_convo get_convo_availability
            get_convo_for_members get_convo_members get_log get_messages get_unread_counts leave_convo
            list_convo_requests list_convos lock_convo mute_convo remove_reaction send_message
            send_message_batch unlock_convo unmute_convo update_all_read update_read;
        chat::bsky::group: add_members approve_join_request create_group create_join_link disable_join_link
            edit_group edit_join_link enable_join_link get_join_link_previews list_join_requests
            list_mutual_groups reject_join_request remove_members request_join update_join_requests_read
            withdraw_join_request;
        chat::bsky::moderation: get_actor_metadata get_convo get_convo_members get_convos get_message_context;
        chat::bsky::notification: get_preferences put_preferences;
        com::atproto::admin: get_account_info get_account_infos get_invite_codes get_subject_status
            search_accounts send_email update_subject_status;
        com::atproto::identity: get_recommended_did_credentials refresh_identity resolve_did resolve_handle
            resolve_identity sign_plc_operation;
        com::atproto::label: query_labels;
        com::atproto::lexicon: resolve_lexicon;
        com::atproto::moderation: create_report;
        com::atproto::repo: apply_writes create_record delete_record describe_repo get_record
            list_missing_blobs list_records put_record upload_blob;
        com::atproto::server: check_account_status create_account create_app_password create_invite_code
            create_invite_codes create_session describe_server get_account_invite_codes get_service_auth
            get_session list_app_passwords refresh_session request_email_update reserve_signing_key;
        com::atproto::sync: get_head get_host_status get_latest_commit get_repo_status list_blobs list_hosts
            list_repos list_repos_by_collection;
        com::atproto::temp: add_reserved_handle check_handle_availability check_signup_queue dereference_scope
            fetch_labels;
        community::lexicon::bookmarks: get_actor_bookmarks;
        internal::bsky::actor: get_profiles;
        tools::ozone::communication: create_template list_templates update_template;
        tools::ozone::hosting: get_account_history;
        tools::ozone::moderation: cancel_scheduled_actions emit_event get_account_timeline get_event
            get_record get_records get_repo get_reporter_stats get_repos get_subjects list_scheduled_actions
            query_events query_statuses schedule_action search_repos;
        tools::ozone::queue: assign_moderator create_queue delete_queue get_assignments list_queues
            route_reports update_queue;
        tools::ozone::report: assign_moderator close_reports create_activity get_assignments
            get_historical_stats get_latest_report get_live_stats get_report list_activities query_activities
            query_reports reassign_queue refresh_stats unassign_moderator;
        tools::ozone::safelink: add_rule query_events query_rules remove_rule update_rule;
        tools::ozone::server: get_config;
        tools::ozone::set: delete_set get_values query_sets upsert_set;
        tools::ozone::setting: list_options remove_options upsert_option;
        tools::ozone::signature: find_correlation find_related_accounts search_accounts;
        tools::ozone::team: add_member list_members update_member;
        tools::ozone::verification: grant_verifications list_verifications revoke_verifications;
    }
}

/// All request bodies that have a schema.
pub(crate) fn inputs() -> Vec<Codec> {
    codecs! { types
        app::bsky::actor: PutPreferences;
        app::bsky::ageassurance: Begin;
        app::bsky::bookmark: CreateBookmark DeleteBookmark;
        app::bsky::contact: DismissMatch ImportContacts RemoveData SendNotification StartPhoneVerification
            VerifyPhone;
        app::bsky::draft: CreateDraft DeleteDraft UpdateDraft;
        app::bsky::feed: SendInteractions;
        app::bsky::graph: MuteActor MuteActorList MuteThread UnmuteActor UnmuteActorList UnmuteThread;
        app::bsky::notification: PutActivitySubscription PutPreferences PutPreferencesV2 RegisterPush
            UnregisterPush UpdateSeen;
        app::bsky::unspecced: InitAgeAssurance;
        app::bsky::video: AbortUpload FinishUpload StartUpload;
        chat::bsky::convo: AcceptConvo AddReaction DeleteMessageForSelf LeaveConvo LockConvo MuteConvo
            RemoveReaction SendMessage SendMessageBatch UnlockConvo UnmuteConvo UpdateAllRead UpdateRead;
        chat::bsky::group: AddMembers ApproveJoinRequest CreateGroup CreateJoinLink DisableJoinLink EditGroup
            EditJoinLink EnableJoinLink RejectJoinRequest RemoveMembers RequestJoin UpdateJoinRequestsRead
            WithdrawJoinRequest;
        chat::bsky::moderation: UpdateActorAccess;
        chat::bsky::notification: PutPreferences;
        com::atproto::admin: DeleteAccount DisableAccountInvites DisableInviteCodes EnableAccountInvites
            SendEmail UpdateAccountEmail UpdateAccountHandle UpdateAccountPassword UpdateAccountSigningKey
            UpdateSubjectStatus;
        com::atproto::identity: RefreshIdentity SignPlcOperation SubmitPlcOperation UpdateHandle;
        com::atproto::moderation: CreateReport;
        com::atproto::repo: ApplyWrites CreateRecord DeleteRecord PutRecord;
        com::atproto::server: ConfirmEmail CreateAccount CreateAppPassword CreateInviteCode CreateInviteCodes
            CreateSession DeactivateAccount DeleteAccount RequestPasswordReset ReserveSigningKey ResetPassword
            RevokeAppPassword UpdateEmail;
        com::atproto::sync: NotifyOfUpdate RequestCrawl;
        com::atproto::temp: AddReservedHandle RequestPhoneVerification RevokeAccountCredentials;
        tools::ozone::communication: CreateTemplate DeleteTemplate UpdateTemplate;
        tools::ozone::moderation: CancelScheduledActions EmitEvent ListScheduledActions ScheduleAction;
        tools::ozone::queue: AssignModerator CreateQueue DeleteQueue RouteReports UnassignModerator
            UpdateQueue;
        tools::ozone::report: AssignModerator CloseReports CreateActivity ReassignQueue RefreshStats
            UnassignModerator;
        tools::ozone::safelink: AddRule QueryEvents QueryRules RemoveRule UpdateRule;
        tools::ozone::set: AddValues DeleteSet DeleteValues;
        tools::ozone::set::defs: Set;
        tools::ozone::setting: RemoveOptions UpsertOption;
        tools::ozone::team: AddMember DeleteMember UpdateMember;
        tools::ozone::verification: GrantVerifications RevokeVerifications;
    }
}

/// The messages of all subscriptions.
pub(crate) fn messages() -> Vec<Codec> {
    codecs! { types
        chat::bsky::moderation::subscribe_mod_events: Message;
        com::atproto::label::subscribe_labels: Message;
        com::atproto::sync::subscribe_repos: Message;
    }
}
