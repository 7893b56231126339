"""Keys by which near-duplicates find each other

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'listing_key',
        sa.Column('kind', sa.String(length=12), nullable=False),
        sa.Column('key', sa.BigInteger(), nullable=False),
        sa.Column('listing_id', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('kind', 'key', 'listing_id', name=op.f('pk_listing_key')),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f('ix_listing_key_kind_listing_id'), 'listing_key', ['kind', 'listing_id'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_listing_key_kind_listing_id'), table_name='listing_key')
    op.drop_table('listing_key')
