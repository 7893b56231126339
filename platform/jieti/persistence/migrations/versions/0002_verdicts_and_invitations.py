"""Verdicts keep level, versions and role of their moment; scores without policy; deals with experts; 邀请解题

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'solver_invitation',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('ref', sa.String(length=16), nullable=False),
        sa.Column('challenge_id', sa.Integer(), nullable=False),
        sa.Column('expert_id', sa.Integer(), nullable=False),
        sa.Column('invited_by_id', sa.Integer(), nullable=False),
        sa.Column('note', sa.String(length=200), nullable=False),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.Column('withdrawn_at', sa.DateTime(), nullable=True),
        sa.Column('declined_at', sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_solver_invitation_challenge_id_challenge')),
        sa.ForeignKeyConstraint(['expert_id'], ['expert.id'], name=op.f('fk_solver_invitation_expert_id_expert')),
        sa.ForeignKeyConstraint(['invited_by_id'], ['user_account.id'], name=op.f('fk_solver_invitation_invited_by_id_user_account')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_solver_invitation')),
        sa.UniqueConstraint('challenge_id', 'expert_id', name=op.f('uq_solver_invitation_challenge_id_expert_id')),
        sa.UniqueConstraint('ref', name=op.f('uq_solver_invitation_ref')),
    )
    op.create_index(op.f('ix_solver_invitation_expert_id_created_at'), 'solver_invitation', ['expert_id', 'created_at'])
    op.create_index(op.f('ix_solver_invitation_invited_by_id'), 'solver_invitation', ['invited_by_id'])
    if op.get_bind().dialect.name == 'sqlite':
        # Alembic would copy the table and drop the old one, whose rows others refer to.
        op.execute('ALTER TABLE deal ADD COLUMN expert_id INTEGER CONSTRAINT fk_deal_expert_id_expert REFERENCES expert (id)')
    else:
        op.add_column('deal', sa.Column('expert_id', sa.Integer(), nullable=True))
        op.create_foreign_key(op.f('fk_deal_expert_id_expert'), 'deal', 'expert', ['expert_id'], ['id'])
    op.create_index(op.f('ix_deal_expert_id'), 'deal', ['expert_id'])
    op.add_column('match', sa.Column('open_plain', sa.Double(), nullable=True))
    op.add_column('match', sa.Column('full_plain', sa.Double(), nullable=True))
    op.add_column('match_verdict', sa.Column('level', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('match_verdict', sa.Column('matcher_version', sa.String(length=80), nullable=False, server_default=''))
    op.add_column('match_verdict', sa.Column('role', sa.String(length=20), nullable=False, server_default=''))
    op.create_index(op.f('ix_match_verdict_at'), 'match_verdict', ['at'])
    # What older verdicts can still be told of: the match and its judge as they are today.
    op.execute(
        'UPDATE match_verdict SET level = (SELECT open_level FROM "match" m WHERE m.id = match_id), '
        'matcher_version = (SELECT m.matcher_version FROM "match" m WHERE m.id = match_id), '
        'role = COALESCE((SELECT MIN(r.name) FROM role r JOIN roles_users u ON u.role_id = r.id '
        "WHERE u.user_id = match_verdict.user_id), '')"
    )
    op.execute(
        'UPDATE deal SET expert_id = (SELECT m.expert_id FROM "match" m WHERE m.id = match_id) WHERE match_id IS NOT NULL'
    )


def downgrade() -> None:
    op.drop_index(op.f('ix_match_verdict_at'), table_name='match_verdict')
    for column in ('role', 'matcher_version', 'level'):
        op.drop_column('match_verdict', column)
    for column in ('full_plain', 'open_plain'):
        op.drop_column('match', column)
    op.drop_index(op.f('ix_deal_expert_id'), table_name='deal')
    if op.get_bind().dialect.name != 'sqlite':  # SQLite cannot drop a column that refers to another table: it stays, empty
        op.drop_constraint(op.f('fk_deal_expert_id_expert'), 'deal', type_='foreignkey')
        op.drop_column('deal', 'expert_id')
    op.drop_table('solver_invitation')
